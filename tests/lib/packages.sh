# shellcheck shell=bash
# shellcheck disable=SC2034 # the lists of other systems are found by name
# Installs what a script needs, through apt. To be sourced.
#
#   packages_need KIND…      KIND is "build" (to build jobpool) or "test" (to run its tests)
#
# Nothing happens when all is there. Where there is no apt the packages are named for the system's own
# package manager, and the status is 1.

packages_build=(build-essential cmake ninja-build pkg-config libpopt-dev libjansson-dev libev-dev scdoc)
packages_test=(bats libcmocka-dev clang clang-tidy libclang-rt-dev valgrind jq strace python3 python3-jsonschema
    shellcheck procps util-linux zsh fish)
# Used where they are there: programs that the benchmark compares with, and helpers of single tests.
packages_optional_test=(parallel xe moreutils)

# The same for other systems, to be named only.
packages_dnf_build='gcc make cmake ninja-build pkgconf-pkg-config popt-devel jansson-devel libev-devel scdoc'
packages_dnf_test='bats libcmocka-devel clang clang-tools-extra compiler-rt valgrind jq strace python3 python3-jsonschema ShellCheck procps-ng util-linux zsh fish'
packages_pacman_build='base-devel cmake ninja pkgconf popt jansson libev scdoc'
packages_pacman_test='bats cmocka clang compiler-rt valgrind jq strace python python-jsonschema shellcheck procps-ng util-linux zsh fish'
packages_apk_build='build-base bash cmake samurai pkgconf popt-dev jansson-dev libev-dev linux-headers scdoc'
packages_apk_test='bats cmocka-dev clang clang-extra-tools compiler-rt valgrind jq strace python3 py3-jsonschema shellcheck procps util-linux zsh fish'
packages_brew_build='cmake ninja pkg-config popt jansson libev scdoc'
packages_brew_test='bats-core cmocka llvm jq python shellcheck zsh fish'

# The packages among the arguments that are not installed.
packages_missing()
{
    local known package
    known=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null | sed -n 's/^[ih]i //p' || true)
    for package in "$@"; do
        grep -qxF -- "$package" <<<"$known" || echo "$package"
    done
}

# The packages among the arguments that apt could install.
packages_available()
{
    (($# == 0)) || apt-cache policy -- "$@" 2>/dev/null |
        awk '/^[^ ]/ { name = $1; sub(/:$/, "", name) } /^  Candidate:/ && $2 != "(none)" { print name }'
}

packages_as_root()
{
    if [[ $(id -u) == 0 ]]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        echo "this needs root, and there is no sudo: $*" >&2
        return 1
    fi
}

packages_need_apt() # REQUIRED… -- OPTIONAL…
{
    local -a required=() optional=() missing=() wanted=()
    while [[ $1 != -- ]]; do
        required+=("$1")
        shift
    done
    shift
    optional=("$@")

    mapfile -t missing < <(packages_missing "${required[@]}")
    if ((${#optional[@]})); then
        mapfile -t wanted < <(packages_missing "${optional[@]}")
        # Those that apt does not know are let go, unless it knows nothing yet.
        if ((${#missing[@]} == 0 && ${#wanted[@]} > 0)); then
            mapfile -t wanted < <(packages_available "${wanted[@]}")
        fi
    fi
    ((${#missing[@]} + ${#wanted[@]})) || return 0

    echo "installing: ${missing[*]} ${wanted[*]}" >&2
    packages_as_root apt-get update -q >&2
    if ((${#wanted[@]})); then
        mapfile -t wanted < <(packages_available "${wanted[@]}")
    fi
    ((${#missing[@]} + ${#wanted[@]})) || return 0
    packages_as_root apt-get install -q -y --no-install-recommends "${missing[@]}" "${wanted[@]}" >&2
}

# Without apt: is all there that the kinds stand for? Names on stderr what is not.
packages_probe()
{
    local kind command library status=0
    local -a commands=() libraries=()
    for kind in "$@"; do
        case $kind in
        build) commands+=(cc cmake ninja pkg-config) libraries+=(popt jansson) ;;
        test) commands+=(bats clang clang-tidy valgrind jq strace python3 shellcheck pgrep setsid zsh fish) libraries+=(cmocka) ;;
        esac
    done
    for command in "${commands[@]}"; do
        command -v "$command" >/dev/null || { echo "missing: $command" >&2; status=1; }
    done
    ((status == 0)) || return 1
    for library in "${libraries[@]}"; do
        pkg-config --exists "$library" || { echo "missing: library $library" >&2; status=1; }
    done
    printf '#include <ev.h>\n' | cc -E -I/usr/include/libev -x c - >/dev/null 2>&1 ||
        { echo "missing: library libev" >&2; status=1; }
    return "$status"
}

packages_name_for_others()
{
    local kind list
    local -A install=([dnf]='sudo dnf install' [pacman]='sudo pacman -S --needed' [apk]='doas apk add' [brew]='brew install')
    local manager found=
    echo "There is no apt on this system. Install these packages, then run this again:" >&2
    for manager in dnf pacman apk brew; do
        command -v "$manager" >/dev/null && found=$manager
    done
    for manager in ${found:-dnf pacman apk brew}; do
        printf '  %s' "${install[$manager]}" >&2
        for kind in "$@"; do
            list=packages_${manager}_$kind
            printf ' %s' "${!list}" >&2
        done
        echo >&2
    done
}

packages_need()
{
    local kind
    local -a required=() optional=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        packages_probe "$@" && return 0
        packages_name_for_others "$@"
        return 1
    fi
    for kind in "$@"; do
        case $kind in
        build) required+=("${packages_build[@]}") ;;
        test)
            required+=("${packages_test[@]}")
            optional+=("${packages_optional_test[@]}")
            ;;
        esac
    done
    packages_need_apt "${required[@]}" -- "${optional[@]}"
}
