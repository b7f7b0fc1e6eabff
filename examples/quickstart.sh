#!/usr/bin/env bash
# From nothing to results: installs what jobpool is built with, builds it into build/, then checksums and
# compresses the files of a real directory tree with it. Run again, it takes seconds.
#
#   examples/quickstart.sh [DIRECTORY [FILES]]      /usr/share/doc and 500 unless given
set -euo pipefail
directory=$(realpath -- "${1:-/usr/share/doc}")
files=${2:-500}
cd "$(dirname "$0")/.."

# shellcheck source=../tests/lib/packages.sh
source tests/lib/packages.sh
packages_need build

log=$(mktemp)
cmake --preset release >"$log" 2>&1 || { cat "$log"; rm -f "$log"; exit 1; }
rm -f "$log"
cmake --build --preset release --target jobpool

work=$PWD/build/quickstart
rm -rf "$work"
mkdir -p "$work/compressed"
results=$work/results.jsonl

# One task per file. {} is the file's name, quoted, whatever it holds; {#} is the task's number.
# shellcheck disable=SC2016 # $h belongs to the task
script='h=$(sha256sum < {}) && gzip -c < {} > compressed/{#}.gz &&
        echo "${h%% *} $(wc -c < {}) $(wc -c < compressed/{#}.gz)"'

echo
echo "Checksums and compresses up to $files files of $directory:"
began=${EPOCHREALTIME/[.,]/}
status=0
progress=()
[[ ! -t 2 ]] || progress=(--progress)
build/jobpool map -0 --cwd "$work" "${progress[@]}" "$script" >"$results" \
    < <(find "$directory" -type f -readable -print0 | head -z -n "$files") || status=$?
took=$((${EPOCHREALTIME/[.,]/} - began))
# 123: some tasks failed. Their results say why.
if ((status != 0 && status != 123)); then
    echo "jobpool ended with status $status" >&2
    exit "$status"
fi

# STATE, SIZE BEFORE, SIZE AFTER of every task, one line each.
if command -v jq >/dev/null; then
    table() { jq -r 'select(.type == "result") | [.state, ((.stdout // "") | rtrimstr("\n") | split(" ")[1:][])] | join(" ")' "$results"; }
else
    table()
    {
        awk '/"type":"result"/ {
                 match($0, /"state":"[a-z_]*"/)
                 state = substr($0, RSTART + 9, RLENGTH - 10)
                 sizes = ""
                 if (match($0, /"stdout":"[0-9a-f]+ [0-9]+ [0-9]+/))
                     sizes = substr($0, RSTART + 75, RLENGTH - 75)
                 print state, sizes
             }' "$results"
    }
fi

table | awk -v took="$took" -v results="${results#"$PWD"/}" '
    { tasks++; before += $2; after += $3; if ($1 != "succeeded") failed++ }
    END {
        if (tasks == 0) { print "There was no file to work on."; exit }
        printf "\n  files       %d\n", tasks
        printf "  failed      %d\n", failed
        printf "  before      %.1f kB\n", before / 1000
        printf "  after       %.1f kB (%.0f %%)\n", after / 1000, before ? 100 * after / before : 0
        printf "  wall time   %.2f s\n", took / 1e6
        printf "  rate        %.0f tasks/s\n\n", tasks / (took / 1e6)
        printf "The result of each task, as JSON, is in %s. The first:\n\n", results
    }'
head -n 1 "$results"
