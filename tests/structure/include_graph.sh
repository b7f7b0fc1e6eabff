#!/usr/bin/env bash
# The include graph of src: folders are layers, and no files include each other in a circle.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}/src"

# folder: the folders of ours that its files may include, besides itself
layers='
base:
os: base
task: base
source: base os task
executor: base os task
pool: base os task source executor
sink: base os task executor pool
session: base os task source executor pool sink
cli: base os task source executor pool sink session
.: base os task source executor pool sink session cli
'

status=0
for folder in */; do
    if ! grep -q "^${folder%/}:" <<<"$layers"; then
        echo "src/$folder: no layer is given for this folder"
        status=1
    fi
done

# FROM-file TO-file, for every include of ours.
edges=$(grep -HE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' -r --include='*.[ch]' . |
    sed -E 's|^\./([^:]*):[^"]*"([^"]*)".*|\1 \2|')

bad=$(awk -v layers="$layers" '
    function folder(path) { return index(path, "/") ? substr(path, 1, index(path, "/") - 1) : "." }
    BEGIN {
        n = split(layers, line, "\n")
        for (i = 1; i <= n; i++) {
            split(line[i], half, ":")
            m = split(half[2], below, " ")
            allowed[half[1], half[1]] = 1
            for (k = 1; k <= m; k++)
                allowed[half[1], below[k]] = 1
        }
    }
    !((folder($1), folder($2)) in allowed) { print "src/" $1 " includes " $2 ", which is not below it" }
' <<<"$edges")
if [[ -n $bad ]]; then
    echo "$bad"
    status=1
fi

while read -r from to; do
    if [[ ! -e $to ]]; then
        echo "src/$from includes $to, which is not written from src"
        status=1
    fi
done <<<"$edges"

# tsort names the members of a circle.
if ! circles=$(tsort <<<"$edges" 2>&1 >/dev/null); then
    echo "files that include each other in a circle:"
    echo "$circles"
    status=1
fi

# Negative control: the method finds a circle where there is one.
if printf '%s\n' 'a b' 'b c' 'c a' | tsort >/dev/null 2>&1; then
    echo "tsort does not report circles on this system"
    status=1
fi
echo "$(wc -l <<<"$edges") includes checked"
exit "$status"
