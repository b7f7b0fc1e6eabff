#!/usr/bin/env bash
# Installs what the tests need, builds every configuration, and runs all tests through ctest.
#
#   tests/run.sh              everything
#   tests/run.sh --quick      the release configuration only
#   tests/run.sh --stress     with the long repeats (hours)
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' tests/run.sh; }

configurations=(release debug tsan fuzz)
stress=OFF
for argument in "$@"; do
    case $argument in
    --quick) configurations=(release) ;;
    --stress)
        stress=ON
        export JOBPOOL_STRESS=1
        ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
    esac
done

# shellcheck source=lib/packages.sh
source tests/lib/packages.sh
packages_need build test

jobs=$(nproc 2>/dev/null || echo 2)
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
status=0

# The single checks inside the ctests of a build folder: cmocka's tests and bats' tests.
count_cases()
{
    awk '/^\[==========\] .* [0-9]+ test\(s\) run\./ || /^\[==========\] [0-9]+ test\(s\) run\./ {
             for (i = 1; i < NF; i++) if ($(i + 1) == "test(s)") cases += $i
         }
         /^(not )?ok [0-9]+ / { cases++; if (/# skip/) skipped++ }
         END { printf "%d single tests", cases; if (skipped) printf ", %d of them skipped", skipped }' "$1"
}

run_configuration()
{
    local name=$1 directory=$2 began=$SECONDS
    printf '\n==== %s: build\n' "$name"
    if ! { cmake --preset "$name" -DJOBPOOL_TESTS_STRICT=ON -DJOBPOOL_STRESS="$stress" >"$logs/configure" 2>&1 ||
        { cat "$logs/configure"; false; }; } || ! cmake --build --preset "$name" -j "$jobs"; then
        printf '%-8s does not build\n' "$name" >>"$logs/summary"
        return 1
    fi
    printf '==== %s: tests\n' "$name"
    local result=0
    ctest --preset "$name" -j "$jobs" 2>&1 | tee "$logs/$name" || result=1
    local passed
    passed=$(grep -E 'tests passed, .* out of' "$logs/$name" || echo 'no tests ran')
    printf '%-8s %s; %s; %d s\n' "$name" "$passed" "$(count_cases "$directory/Testing/Temporary/LastTest.log")" \
        "$((SECONDS - began))" >>"$logs/summary"
    return "$result"
}

for name in "${configurations[@]}"; do
    directory=build-$name
    [[ $name == release ]] && directory=build
    run_configuration "$name" "$directory" || status=1
done

printf '\n==== summary (%d s)\n' "$SECONDS"
cat "$logs/summary"
if ((status)); then
    printf '\nFAILED: see above\n'
else
    sed -n '/tests passed, .* out of/,$p' "$logs/${configurations[-1]}"
fi
exit "$status"
