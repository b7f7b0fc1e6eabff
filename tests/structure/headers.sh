#!/usr/bin/env bash
# Each header compiles alone, has an include guard named after its path, and each .c file includes its own
# header first.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}/src"
cc=${CC:-cc}
status=0
count=0

object=$(mktemp)
trap 'rm -f "$object"' EXIT
for header in */*.h; do
    count=$((count + 1))
    if ! printf '#include "%s"\n#include "%s"\nextern int unused;\n' "$header" "$header" |
        "$cc" -std=gnu11 -D_GNU_SOURCE -I. -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror -x c -fsyntax-only -; then
        echo "src/$header: does not compile alone"
        status=1
    fi
    guard=JOBPOOL_$(tr 'a-z/.-' 'A-Z___' <<<"$header")
    if ! grep -q "^#ifndef $guard\$" "$header"; then
        echo "src/$header: no include guard $guard"
        status=1
    fi
done
for source in */*.c; do
    own=${source%.c}.h
    first=$(grep -m1 -E '^#include' "$source" || true)
    if [[ -e $own && $first != "#include \"$own\"" ]]; then
        echo "src/$source: its first include is not its own header but: $first"
        status=1
    fi
done
echo "$count headers compiled alone"
exit "$status"
