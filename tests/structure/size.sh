#!/usr/bin/env bash
# No file of C is longer than 700 lines or holds a tab, and there are no notes to self.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
status=0
while IFS= read -r file; do
    lines=$(wc -l <"$file")
    if ((lines > 700)); then
        echo "$file: $lines lines, more than 700"
        status=1
    fi
done < <(find src tests -name '*.[ch]')
if grep -rnP --include='*.[ch]' '\t' src tests; then
    echo "tabs"
    status=1
fi
if grep -rnwE --include='*.[ch]' --include='*.sh' --include='*.bats' 'TODO|FIX[M]E|X[X]X' src tests examples |
    grep -v '^tests/structure/size.sh'; then
    echo "unfinished work"
    status=1
fi
exit "$status"
