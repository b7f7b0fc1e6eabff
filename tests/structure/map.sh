#!/usr/bin/env bash
# The head comment of main.c is the map of the source: it names every folder under src, and none that is
# not there.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}/src"
[[ -e main.c ]] || { echo "src/main.c: not there"; exit 1; }

head=$(sed -n '1,/\*\//p' main.c)
status=0
for folder in */; do
    folder=${folder%/}
    if ! grep -qE "(^|[^A-Za-z_])(src/)?$folder/" <<<"$head"; then
        echo "src/main.c: its head comment does not name $folder/"
        status=1
    fi
done
while read -r named; do
    if [[ ! -d $named ]]; then
        echo "src/main.c: its head comment names $named/, which is not there"
        status=1
    fi
done < <(grep -oE '(^|[ *])(src/)?[a-z]+/( |$)' <<<"$head" | sed -E 's|src/||; s|[ */]||g')
exit "$status"
