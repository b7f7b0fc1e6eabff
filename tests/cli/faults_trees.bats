#!/usr/bin/env bats
# Faults 7 to 17: killing trees, timeouts, cancels.

load common
load faults

@test "fault 07: a timeout reaches the children of a shell" {
    # Nothing is left when jobpool has ended: this is no matter of waiting.
    run -124 jobpool apply --timeout 1 --kill-after 1 -- sh -c 'sleep 1007.1 & sleep 1007.2; :'
    none_alive 'sleep 1007.[12]'
    run -123 jobpool map --timeout 1 --kill-after 1 'sleep {} & sleep {}; :' ::: 1007.3
    none_alive 'sleep 1007.3'
    assert_equal "$(jq -r '"\(.state) \(.error.type)"' <<< "${lines[0]}")" 'timed_out Timeout'
    within 'past the timeout' "$(overshoot 1000 <<< "${lines[0]}")" 100

    # And when jobpool goes on, nothing is left when the result is there.
    talk --timeout 1 --kill-after 1
    tell '{"shell":"sleep 1007.4 & sleep 1007.5; :"}'
    hear '"type":"result"'
    none_alive 'sleep 1007.[45]'
    assert_equal "$(jq -r .state <<< "$HEARD")" timed_out
    within 'past the timeout' "$(overshoot 1000 <<< "$HEARD")" 100
    hang_up
    assert_status 123
}

@test "fault 08: KILL follows TERM after the time between them" {
    run -123 jobpool map --timeout 1 --kill-after 1 ::: 'trap "" TERM; sleep 1008.1; :'
    assert_equal "$(jq -r '"\(.state) \(.signal) \(.wall_s >= 2)"' <<< "$output")" 'timed_out 9 true'
    none_alive 'sleep 1008.1'
    within 'past the KILL' "$(overshoot 2000 <<< "$output")" 200

    # Also where the shell ends and what it started does not.
    run -123 jobpool map --timeout 0.5 --kill-after 0.5 ::: '(trap "" TERM; exec sleep 1008.2) & wait'
    assert_equal "$(jq -r '"\(.state) \(.signal) \(.wall_s >= 1)"' <<< "$output")" 'timed_out 15 true'
    none_alive 'sleep 1008.2'
    within 'past the KILL' "$(overshoot 1000 <<< "$output")" 200
}

@test "fault 09: a timeout reaches other sessions" {
    talk --timeout 1
    tell '{"id":"a","shell":"setsid sleep 1009.1 & sleep 1009.2"}' \
        '{"id":"b","shell":"setsid sh -c \"sleep 1009.3 & setsid sleep 1009.4 & wait\" & exec sleep 1009.5"}'
    wait_alive 'sleep 1009.1'
    wait_alive 'sleep 1009.4'
    hear '"type":"result"'
    hear '"type":"result"'
    local reported
    reported=$(now_ms)
    assert_gone 'sleep 1009.[1-5]' 10
    within 'gone after the report' $(($(now_ms) - reported)) 2000
    assert_equal "$(count_state timed_out)" 2
    hang_up
    assert_status 123
}

@test "fault 10: a task that stopped itself times out" {
    # The $$ is the task's.
    # shellcheck disable=SC2016
    run -123 jobpool map --timeout 1 ::: 'kill -STOP $$; sleep 1010.1; :'
    assert_equal "$(jq -r '"\(.state) \(.signal)"' <<< "$output")" 'timed_out 15'
    within 'past the timeout' "$(overshoot 1000 <<< "$output")" 100

    # One that would handle TERM gets to do so.
    # shellcheck disable=SC2016
    run -123 jobpool map --timeout 1 ::: 'trap "echo ended; exit 7" TERM; kill -STOP $$; sleep 1010.2; :'
    assert_equal "$(jq -r '"\(.state) \(.exit_code) \(.stdout)"' <<< "$output")" $'timed_out 7 ended'
    none_alive 'sleep 1010.[12]'
}

@test "fault 11: a task that forks without end" {
    cat > forks << 'END'
trap "" TERM
echo > forking
while :; do
    sleep 1011.5 &
    (sleep 1011.5 &)
    sleep 0.01
done
END
    talk --timeout 2 --kill-after 1
    tell '{"id":"a","command":["sh","forks"]}'
    wait_file forking
    wait_until has_processes 30 'sleep 1011.5'
    local i asked slowest=0
    for i in 1 2 3 4 5 6 7 8 9 10; do
        asked=$(now_ms)
        tell "{\"op\":\"status\",\"req\":$i}"
        hear "\"req\":$i"
        asked=$(($(now_ms) - asked))
        [ "$asked" -le "$slowest" ] || slowest=$asked
    done
    within 'an answer' "$slowest" 200
    grep -q '"type":"result"' heard || hear '"type":"result"'
    none_alive 'sleep 1011.5'
    HEARD=$(grep '"type":"result"' heard)
    assert_equal "$(jq -r '"\(.state) \(.signal)"' <<< "$HEARD")" 'timed_out 9'
    within 'gone after the KILL' "$(overshoot 3000 <<< "$HEARD")" 2000
    hang_up
    assert_status 123
}

@test "fault 12: what a task leaves behind is killed, and the result does not wait for it" {
    talk
    tell '{"id":"a","shell":"sleep 1012.5 & cat /proc/uptime > ended; echo hi"}'
    hear '"type":"result"'
    local heard_ms ended_ms up
    heard_ms=$(now_ms)
    read -r up _ < ended
    ended_ms=${up/./}0
    none_alive 'sleep 1012.5'
    assert_equal "$(jq -r '"\(.state) \(.leaked) \(.stdout_bytes) \(.stdout)"' <<< "$HEARD")" $'succeeded true 3 hi'
    within 'the record' $((heard_ms - ended_ms)) 250
    # One that ignores TERM; one whose output is elsewhere; one in another session.
    tell '{"id":"b","shell":"(trap \"\" TERM; exec sleep 1012.6) & echo hi"}'
    hear '"type":"result"'
    assert_equal "$(jq -r '"\(.state) \(.leaked) \(.stdout)"' <<< "$HEARD")" $'succeeded true hi'
    tell '{"id":"c","shell":"sleep 1012.7 > /dev/null 2>&1 & echo hi"}'
    hear '"type":"result"'
    assert_equal "$(jq -r '"\(.state) \(.leaked) \(.stdout)"' <<< "$HEARD")" $'succeeded true hi'
    tell '{"id":"d","shell":"setsid sleep 1012.8 & echo hi"}'
    hear '"type":"result"'
    assert_equal "$(jq -r '"\(.state) \(.leaked) \(.stdout)"' <<< "$HEARD")" $'succeeded true hi'
    none_alive 'sleep 1012.[5-8]'
    hang_up
    assert_status 0
}

@test "fault 13: a thousand timeouts" {
    local count=250
    [ -z "${JOBPOOL_STRESS:-}" ] || count=1000
    run -123 jobpool map -j64 --timeout 0.5 --report report -o none sh -c 'exec sleep 5.1013' < <(seq $count)
    none_alive 'sleep 5.1013'
    assert_equal "$(jq -s "map(.seq) | sort == [range(1; $count + 1)]" report)" true
    assert_equal "$(count_state timed_out report)" $count
    assert_equal "$(jq -s 'all(.wall_s >= 0.5)' report)" true
    within "99 of 100, of $count, past the timeout" "$(jq -s 'sort_by(.wall_s)[(length * 99 / 100 | floor) - 1]' report | overshoot 500)" 200
}

# From what strace wrote: calls of kill for a process, or its group, that was reaped. Numbers that were given to a new
# process since are its own.
signals_after_the_end() {
    awk '
        function number(text) { sub(/^[a-z0-9]*\(-?/, "", text); return text + 0 }
        / kill\(-?[0-9]+/ { if (number($2) in reaped) print }
        /(fork|clone3?)(\(| resumed).* = [0-9]+$/ { delete reaped[$NF + 0]; next }
        / wait4\([0-9]+, / { waits[$1] = number($2) }
        / wait4\(-1, / { delete waits[$1] }
        /wait4(\(| resumed).* = [0-9]+$/ { if (waits[$1] == $NF + 0) reaped[$NF + 0] = 1 }
    '
}

@test "fault 14: ends at the moment of the timeout" {
    need strace
    repeats 2000
    # How long a start takes is not known, so the tasks aim at every moment before the timeout.
    for ((i = 0; i < REPEATS; i++)); do
        echo $((250 + i * 37 % 250))
    done > items
    # strace and the leak checker cannot both be there.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run -123 \
        strace -f -qq -o calls -e trace=vfork,fork,clone,clone3,wait4,kill,tgkill,tkill -e signal=none \
        "$JOBPOOL" map -j4 --timeout 0.05 -o none --report report sleep '0.0{}' < items
    assert_equal "$(jq -s 'map(.seq) | sort == [range(1; '"$REPEATS"' + 1)]' report)" true
    assert_equal "$(jq -c 'select((.state == "succeeded" and .exit_code == 0 and .error == null) or
        (.state == "timed_out" and .error.type == "Timeout") | not)' report)" ''
    echo "# $(count_state succeeded report) succeeded, $(count_state timed_out report) timed out" >&3
    assert_equal "$(signals_after_the_end < calls)" ''
    # A task that was timed out while it ended by itself keeps its exit status, so some of either kind were seen.
    [ "$(count_state succeeded report)" -gt 0 ]
    [ "$(count_state timed_out report)" -gt 0 ]
}

@test "fault 15: cancels of every kind" {
    talk -j1 --events
    tell '{"id":"runs","shell":"trap \"echo asked; exit 3\" TERM; echo > ready; while :; do sleep 0.02; done"}' '{"id":"waits","command":["true"]}'
    wait_file ready

    tell '{"op":"cancel","id":"waits","req":"queued"}'
    hear '"req":"queued"'
    assert_equal "$(jq -c '[.ok, .cancelled]' <<< "$HEARD")" '[true,true]'
    hear '"type":"result","id":"waits"'
    assert_equal "$(jq -r '"\(.state) \(.error.type) \(.started) \(.attempt)"' <<< "$HEARD")" 'cancelled Cancelled null 0'

    tell '{"op":"cancel","id":"runs","req":"stays"}'
    hear '"req":"stays"'
    assert_equal "$(jq -c '[.ok, .cancelled, .state]' <<< "$HEARD")" '[true,false,"running"]'
    tell '{"op":"cancel","id":"runs","running":true,"req":"running"}'
    hear '"req":"running"'
    assert_equal "$(jq -c '[.ok, .cancelled]' <<< "$HEARD")" '[true,true]'
    hear '"type":"result","id":"runs"'
    assert_equal "$(jq -r '"\(.state) \(.error.type) \(.exit_code) \(.stdout)"' <<< "$HEARD")" $'cancelled Cancelled 3 asked'

    tell '{"id":"ends","command":["true"]}'
    hear '"type":"result","id":"ends"'
    tell '{"op":"cancel","id":"ends","running":true,"req":"ended"}'
    hear '"req":"ended"'
    assert_equal "$(jq -c '[.ok, .cancelled, .state]' <<< "$HEARD")" '[true,false,"succeeded"]'

    # Again, and again: the same answer, and no second end.
    tell '{"op":"cancel","id":"waits","req":"again"}' '{"op":"cancel","id":"runs","running":true,"req":"more"}'
    hear '"req":"again"'
    assert_equal "$(jq -c '[.ok, .cancelled]' <<< "$HEARD")" '[true,true]'
    hear '"req":"more"'
    assert_equal "$(jq -c '[.ok, .cancelled]' <<< "$HEARD")" '[true,true]'

    tell '{"op":"cancel","id":"nobody","req":"unknown"}'
    hear '"req":"unknown"'
    assert_equal "$(jq -c '[.ok, .error.type]' <<< "$HEARD")" '[false,"UnknownId"]'
    hang_up
    assert_status 123
    assert_equal "$(jq -r 'select(.type == "result").id' heard | sort | uniq -c | awk '{ print $1, $2 }')" \
        $'1 ends\n1 runs\n1 waits'
    assert_equal "$(jq -r 'select(.type == "event" and .event == "started").id' heard)" $'runs\nends'
}

@test "fault 15: a task that is cancelled twice while it ends" {
    talk -j1
    tell '{"id":"a","shell":"trap \"\" TERM; echo > ready; sleep 1015.1; :","kill_after":0.3}'
    wait_file ready
    tell '{"op":"cancel","id":"a","running":true,"req":1}' '{"op":"cancel","id":"a","running":true,"req":2}'
    hear '"req":1'
    assert_equal "$(jq -c '[.ok, .cancelled]' <<< "$HEARD")" '[true,true]'
    hear '"req":2'
    assert_equal "$(jq -c '[.ok, .cancelled]' <<< "$HEARD")" '[true,true]'
    hear '"type":"result"'
    assert_equal "$(jq -r '"\(.state) \(.error.type) \(.signal)"' <<< "$HEARD")" 'cancelled Cancelled 9'
    none_alive 'sleep 1015.1'
    hang_up
    assert_equal "$(count_state cancelled)" 1
}

# 8 tasks run, 5,000 wait; the cancel LINE ends all of them. The events go to a file: 5,000 lines are a lot for read.
cancel_all() { # MAP_LINE CANCEL_LINE
    mkfifo to
    "$JOBPOOL" run -j8 --events < to > heard 2> complaints 3>&- &
    exec 8> to
    local pid=$! begun
    tell "$1"
    wait_until has_lines 5008 '"event":"submitted"' heard
    wait_until has_lines 8 '"event":"started"' heard
    begun=$(now_ms)
    tell "$2"
    exec 8>&-
    status=0
    wait "$pid" || status=$?
    within 'the end of all' $(($(now_ms) - begun)) 1000
    assert_status 123
    assert_equal "$(count_lines '"event":"started"' heard)" 8
    assert_equal "$(count_state cancelled)" 5008
    assert_equal "$(jq -r 'select(.type == "result").id' heard | sort -u | wc -l)" 5008
    assert_equal "$(jq -c 'select(.op == "cancel") | [.ok, .cancelled]' heard)" '[true,true]'
    none_alive "$3"
    rm to
}

@test "fault 16: a cancel of 5,000 waiting and 8 running tasks" {
    cancel_all "$(jq -nc '{op: "map", id: "m", command: ["sleep", "1016.5"], over: [range(5008)]}')" \
        '{"op":"cancel","id":"m","running":true}' 'sleep 1016.5 .*'
    cancel_all "$(jq -nc '{op: "map", id: "m", command: ["sleep", "1016.6"], over: [range(5008)]}')" \
        "$(jq -nc '{op: "cancel", ids: [range(1; 5009) | "m.\(.)"], running: true}')" 'sleep 1016.6 .*'
}

# How far the wall clock of jobpool is ahead, in seconds.
set_clock() { # SECONDS
    python3 -c 'import struct, sys; open("ahead", "r+b").write(struct.pack("=q", int(sys.argv[1])))' "$1"
}

@test "fault 17: the wall clock jumps" {
    cc -shared -fPIC -O1 -o wall_clock.so "$ROOT/tests/lib/wall_clock.c"
    head -c 8 /dev/zero > ahead
    # The sanitizers want to be loaded first, but need not be.
    export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
    LD_PRELOAD=$PWD/wall_clock.so WALL_CLOCK=$PWD/ahead talk -j4 --events --timeout 5
    local begun
    begun=$(date +%s)
    tell '{"id":"a","command":["sleep","1017.1"]}'
    hear '"event":"started","id":"a"'
    set_clock 86400
    tell '{"id":"b","command":["sleep","1017.2"]}'
    hear '"event":"started","id":"b"'
    set_clock -86400
    tell '{"id":"c","command":["sleep","1017.3"]}'
    hear '"event":"started","id":"c"'
    hang_up
    assert_status 123
    assert_equal "$(count_state timed_out)" 3
    jq -c 'select(.type == "result")' heard > results
    while read -r HEARD; do
        within "task $(jq -r .id <<< "$HEARD")" "$(overshoot 5000 <<< "$HEARD")" 50
    done < results
    assert_equal "$(jq -s 'all(.wall_s >= 5 and .queued_s < 5)' results)" true
    # Each stands at its own day: they started today, tomorrow and yesterday, and all ended yesterday.
    jq -r 'def day: (.[:19] + "Z" | fromdateiso8601 - '"$begun"') / 86400 | round;
        "\(.id) \(.started | day) \(.finished | day)"' results | sort > days
    assert_equal "$(< days)" $'a 0 -1\nb 1 -1\nc -1 -1'
}
