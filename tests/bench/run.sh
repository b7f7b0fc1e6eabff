#!/usr/bin/env bash
# Measures jobpool beside xargs, GNU parallel, xe and a raw C program, in interleaved rounds of one run, and
# prints the goals for process tasks with what was reached. Rates of different runs do not compare; ratios
# inside one run do.
#
#   tests/bench/run.sh             about two minutes
#   tests/bench/run.sh --stress    up to a million tasks in the last row
#
# Environment: ROUNDS (7), COUNT of tasks per round (4000), LINES of the long input (1000000), SIZES of the
# runs that are compared for flatness ("1000 10000 100000"), JOBPOOL (build/jobpool).
set -euo pipefail
cd "$(dirname "$0")/../.."

rounds=${ROUNDS:-7}
count=${COUNT:-4000}
lines=${LINES:-1000000}
read -ra sizes <<<"${SIZES:-1000 10000 100000}"
case ${1:-} in
--stress) sizes+=(1000000) ;;
'') ;;
*) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
esac

if [[ -z ${JOBPOOL:-} ]]; then
    [[ -e build/build.ninja ]] || cmake --preset release >/dev/null
    cmake --build --preset release --target jobpool raw_pool one_by_one measure tiny >/dev/null ||
        { echo "jobpool does not build: see cmake --build --preset release" >&2; exit 1; }
fi
jobpool=$(realpath "${JOBPOOL:-build/jobpool}")
unset JOBPOOL # to the program itself it is a list of options
tools=$(realpath "${TOOLS:-build/tests/bench}")
[[ -x $jobpool ]] || { echo "$jobpool: not there" >&2; exit 1; }
true_path=/bin/true

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
ln -s "$tools/tiny" tiny
tiny=$work/tiny

missing=()
for tool in xargs parallel xe; do
    command -v "$tool" >/dev/null || missing+=("$tool")
done
has() { [[ " ${missing[*]} " != *" $1 "* ]]; }

# The median of the numbers on stdin.
median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }

# Appends to NAME.cost what the command cost; its output goes nowhere, its input is the file.
cost() # NAME INPUT COMMAND…
{
    local name=$1 input=$2
    shift 2
    "$tools/measure" "$work/$name.cost" "$@" <"$input" >/dev/null 2>"$work/stderr" || {
        echo "failed: $*" >&2
        head -n 3 "$work/stderr" >&2
        exit 1
    }
}

# --- rates -----------------------------------------------------------------------------------------------
# TOOL-CHILD of every row; the number of its tasks follows from its name.
tasks_of()
{
    case $1 in
    parallel-*) echo $((count / 8 > 0 ? count / 8 : 1)) ;;
    *-tiny) echo $((count * 2)) ;;
    *) echo "$count" ;;
    esac
}

run_tool() # TOOL-CHILD
{
    local child=$true_path n input
    [[ $1 == *-tiny ]] && child=$tiny
    n=$(tasks_of "$1")
    input=$work/items.$n
    [[ -e $input ]] || seq "$n" >"$input"
    case $1 in
    xargs-*) cost "$1" "$input" xargs -n1 -P2 "$child" ;;
    parallel-*) cost "$1" "$input" parallel -j2 "$child" ;;
    xe-*) cost "$1" "$input" xe -j2 "$child" ;;
    raw-*) cost "$1" /dev/null "$tools/raw_pool" -j2 -n "$n" -- "$child" ;;
    jobpool-*) cost "$1" "$input" "$jobpool" map -j2 -o jsonl "$child" ;;
    esac
}

rows=()
for row in xargs-true parallel-true xe-true raw-true jobpool-true xargs-tiny xe-tiny raw-tiny jobpool-tiny; do
    tool=${row%-*}
    { [[ $tool == raw || $tool == jobpool ]] || has "$tool"; } && rows+=("$row")
done

echo "jobpool $("$jobpool" version | awk '{ print $NF; exit }'), $(nproc) processors, Linux $(uname -r), $rounds interleaved rounds of $count tasks"
if ((${#missing[@]})); then
    echo "not installed, so not measured: ${missing[*]}"
fi
for ((round = 0; round < rounds; round++)); do
    # Each round starts with another tool.
    for ((i = 0; i < ${#rows[@]}; i++)); do
        run_tool "${rows[(i + round) % ${#rows[@]}]}"
    done
done

# The rate of each round, in the order of the rounds.
rates() { awk -v n="$(tasks_of "$1")" '{ print n / $1 }' "$work/$1.cost"; }
# The median over the rounds of A's rate to B's.
ratio() { paste <(rates "$1") <(rates "$2") | awk '{ print $1 / $2 }' | median; }

echo
printf '%-28s %12s %12s %12s %12s\n' "-j2, tasks/s" "true" "to xargs" "tiny" "to xargs"
cell() # ROW
{
    if [[ -s $work/$1.cost ]]; then
        printf ' %12.0f' "$(rates "$1" | median)"
        if [[ -s $work/xargs-${1#*-}.cost ]]; then
            printf ' %12.2f' "$(ratio "$1" "xargs-${1#*-}")"
        else
            printf ' %12s' -
        fi
    else
        printf ' %12s %12s' - -
    fi
}
for tool in xargs parallel xe raw jobpool; do
    case $tool in
    parallel) label="GNU parallel" ;;
    raw) label="raw C, two pipes" ;;
    jobpool) label="jobpool map, JSON" ;;
    *) label=$tool ;;
    esac
    has "$tool" || label="$label (not installed)"
    printf '%-28s' "$label"
    cell "$tool-true"
    cell "$tool-tiny"
    echo
done

# --- goals -----------------------------------------------------------------------------------------------
echo
printf '%-66s %10s %12s  %s\n' goal wanted measured met
missed=0
goal() # TEXT RELATION LIMIT VALUE UNIT
{
    local met=yes
    if [[ -z $4 ]]; then
        printf '%-66s %10s %12s  %s\n' "$1" "$2 $3 $5" - "not measured: a tool is missing"
        return
    fi
    if ! awk -v a="$4" -v b="$3" -v relation="$2" 'BEGIN { exit !(relation == ">=" ? a + 0 >= b + 0 : a + 0 <= b + 0) }'; then
        met=NO
        missed=$((missed + 1))
    fi
    printf '%-66s %10s %12s  %s\n' "$1" "$2 $3 $5" "$(awk -v v="$4" 'BEGIN { printf((v >= 100 ? "%.0f" : (v >= 10 ? "%.1f" : "%.2f")), v) }') $5" "$met"
}
ratio_if() { ! has "${2%-*}" || ratio "$1" "$2"; }

goal "true, captured, JSON: to xargs" ">=" 1.6 "$(ratio_if jobpool-true xargs-true)" x
goal "true, captured, JSON: to GNU parallel" ">=" 9 "$(ratio_if jobpool-true parallel-true)" x
goal "true, captured, JSON: to raw C with two pipes" ">=" 0.93 "$(ratio jobpool-true raw-true)" x
goal "tiny static child, captured, JSON: to xargs" ">=" 2.4 "$(ratio_if jobpool-tiny xargs-tiny)" x
goal "jobpool's own CPU per process task (true)" "<=" 60 \
    "$(awk -v n="$count" '{ print $2 * 1e6 / n }' jobpool-true.cost | median)" us

for ((round = 0; round < rounds; round++)); do
    "$tools/one_by_one" $((count / 10 + 1)) "$jobpool" "$true_path" >>one_by_one
done
goal "one true at a time in a conversation, to a bare vfork and wait" "<=" 1.3 \
    "$(awk '{ print $2 / $1 }' one_by_one | median)" x

seq 1 >items.one
for ((i = 0; i < rounds * 10; i++)); do
    ! has xargs || cost xargs-one items.one xargs -n1 -P2 "$true_path"
    cost jobpool-one items.one "$jobpool" map -j2 "$true_path"
done
start_up=
if has xargs; then
    start_up=$(paste jobpool-one.cost xargs-one.cost | awk '{ print $1 / $5 }' | median)
fi
goal "start-up and one task: to xargs" "<=" 1.2 "$start_up" x

seq "$lines" >items.long
for ((round = 0; round < (rounds + 1) / 2; round++)); do
    if has xargs; then
        cost xargs-counted items.long xargs -P2 -n 5000 "$true_path"
        cost xargs-packed items.long xargs -P2 "$true_path"
    fi
    cost jobpool-counted items.long "$jobpool" map -j2 -n 5000 "$true_path"
    cost jobpool-m items.long "$jobpool" map -j2 -m "$true_path"
    cost jobpool-X items.long "$jobpool" map -j2 -X "$true_path" "x{}"
done
# The median over the rounds of A's wall time to B's.
wall_if() { ! has "${2%-*}" || paste "$1.cost" "$2.cost" | awk '{ print $1 / $5 }' | median; }
goal "$lines items, 5000 a task, JSON: wall time to xargs" "<=" 1 "$(wall_if jobpool-counted xargs-counted)" x
goal "  as many as fit (-m)" "<=" 1 "$(wall_if jobpool-m xargs-packed)" x
goal "  the same, each in a word of its own (-X x{})" "<=" 1.2 "$(wall_if jobpool-X xargs-packed)" x
cost lines-long items.long "$jobpool" map -n 5000 -o none true
seq $((lines * 10)) >items.long
cost lines-longer items.long "$jobpool" map -n 5000 -o none true
rm items.long
peak() { awk '{ print $3 / 1024 }' "$1.cost"; }
goal "$lines input lines, 5000 a task: peak resident memory" "<=" 16 "$(peak lines-long)" MiB
goal "  the same with ten times the lines" "<=" 16 "$(peak lines-longer)" MiB
goal "  as many as fit (-m)" "<=" 16 "$(awk '{ print $3 / 1024 }' jobpool-m.cost | median)" MiB

# Some lines, then nothing until the first task has said that it runs.
mkfifo said
{
    seq 3000
    if read -r -t 10 <>said; then echo 1 >first_task; fi
} | "$jobpool" map -j1 -n 100 -o none "test -e seen || { : > seen; echo > said; }; : {}" >/dev/null 2>&1 || true
goal "the first task starts before the next block of input is there" ">=" 1 "$(cat first_task 2>/dev/null || echo 0)" ""

# Own CPU says more than wall time here: it does not feel what else the machine does.
for ((round = 0; round < (rounds + 1) / 2; round++)); do
    for size in "${sizes[@]}"; do
        [[ -e items.$size ]] || seq "$size" >"items.$size"
        cost "size-$size" "items.$size" "$jobpool" map -j2 -o jsonl "$tiny"
    done
done
per_task() { awk -v n="$1" -v field="$2" '{ print $field * 1e6 / n }' "size-$1.cost" | median; }
goal "wall time per task (tiny), ${sizes[0]} to ${sizes[-1]} tasks: largest to smallest" "<=" 1.10 \
    "$(for size in "${sizes[@]}"; do per_task "$size" 1; done | sort -g | awk 'NR == 1 { low = $1 } { high = $1 } END { print high / low }')" x
for size in "${sizes[@]}"; do
    printf '  %9d tasks: %7.1f us wall, %5.1f us own CPU per task, peak %4.1f MiB\n' "$size" \
        "$(per_task "$size" 1)" "$(per_task "$size" 2)" "$(awk '{ print $3 / 1024 }' "size-$size.cost" | median)"
done

echo
if ((missed)); then
    echo "$missed of the goals were not met in this run"
else
    echo "all goals that were measured are met"
fi
