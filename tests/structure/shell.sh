#!/usr/bin/env bash
# Every shell script of the repository is clean under shellcheck, bats files included.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
mapfile -d '' -t scripts < <(
    find .ci tests examples completions -type f -print0 |
        xargs -0 grep -lZE '^#!.*(\bsh|\bbash)$' || true
)
mapfile -d '' -t suites < <(find tests -name '*.bats' -print0)
shellcheck -x -P SCRIPTDIR "${scripts[@]}"
if ((${#suites[@]})); then
    # SC2030, SC2031: each @test is a subshell, by design. SC2154: bats sets output, status, lines.
    shellcheck -x -P SCRIPTDIR -s bats -e SC2030,SC2031,SC2154 "${suites[@]}"
fi
echo "${#scripts[@]} scripts and ${#suites[@]} bats files checked"
