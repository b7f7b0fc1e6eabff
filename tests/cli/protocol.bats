#!/usr/bin/env bats
# The protocol: conversations with jobpool run over two pipes. The names in the scripts are those of lib/conversation.py.
load common
load functional

# ---- submissions ----

@test "protocol: results come the moment they exist, not at the end of the input" {
    converse <<'END'
say({"id": "a", "shell": "echo hi"})
assert result("a")["stdout"] == "hi\n"
say({"id": "b", "command": ["cat"], "stdin": "four"})
assert result("b")["stdout"] == "four"
# A line is acted on when it is complete, in however many pieces it comes.
write('{"id":"c","comm')
write('and":["ech')
write('o","c"]}\n{"id":"d","comm')
assert result("c")["stdout"] == "c\n"
write('and":["true"]}\n')
result("d")
assert end() == 0
assert rest() == []
END
}

@test "protocol: a submission is answered only if it has req" {
    converse <<'END'
assert submit(id="a", command=["true"])["id"] == "a"
result("a")
say({"command": ["true"], "req": "x"})
reply = hear(type="reply", req="x")
assert reply == {"type": "reply", "op": "submit", "req": "x", "ok": True, "id": "2"}, reply
result("2")
say({"op": "submit", "id": "c", "command": ["true"]})
say({"id": "d", "command": ["true"], "req": None})
result("c"), result("d")
end()
assert rest() == []
END
}

@test "protocol: req is any scalar, and comes back as it was" {
    converse <<'END'
for req in "text", "", "ü\"\\\n\t\u0001", 0, -1, 1, 7, 1.5, -0.25, 1e300, 9007199254740993, True, False:
    say({"op": "status", "req": req})
    assert hear(type="reply", req=req)["ok"]
    say({"command": ["true"], "req": req})
    assert hear(type="reply", op="submit", req=req)["ok"]
say('{"op":"status"}')
assert hear(type="reply", op="status", req=None)["ok"]
say('{"op":"status","req":null}')
assert hear(type="reply", op="status", req=None)["ok"]
for req in [], {}, [1], {"a": 1}:
    say({"op": "status", "req": req})
    assert hear(type="reply", op="status", req=None)["key"] == "req"
    say({"command": ["true"], "req": req})
    assert hear(type="error")["key"] == "req"
assert end() == 123
END
}

@test "protocol: every op has one reply, with and without req" {
    converse <<'END'
say({"id": "a", "command": ["true"]})
result("a")
ops = [("apply", {"command": ["true"]}), ("map", {"command": ["echo"], "over": [1]}), ("cancel", {"id": "a"}), ("wait", {"id": "a"}),
       ("status", {}), ("close", {}), ("join", {})]
for op, keys in ops:
    assert ask(op, **keys)["ok"]
    say({"op": op, **keys})
    assert hear(type="reply", op=op, req=None)["ok"]
assert end() == 0
assert [line for line in rest() if line["type"] != "result"] == []
END
    local op
    for op in shutdown terminate; do
        converse <<END
assert ask("$op")["ok"]
assert end(close=False) == 0 and rest() == []
END
        converse <<END
say({"op": "$op"})
assert hear(type="reply", op="$op", req=None)["ok"]
assert end(close=False) == 0 and rest() == []
END
    done
}

@test "protocol: the id of a task is its own or its number; tasks are numbered in the order of submission" {
    converse -j1 <<'END'
assert submit(command=["true"])["id"] == "1"
assert submit(id="second", command=["true"])["id"] == "second"
assert submit(command=["true"])["id"] == "3"
assert result("second")["seq"] == 2
assert result("3")["seq"] == 3
END
}

# ---- apply ----

@test "protocol: apply holds up reading until its task has ended" {
    converse -j2 <<'END'
gate("g")
say({"op": "apply", "id": "a", "command": ["cat", "g"], "req": 1})
say({"id": "b", "command": ["true"], "req": 2})
say({"op": "status", "req": 3})
open_gate("g")
assert next_line()["id"] == "a"
reply = next_line()
assert reply == {"type": "reply", "op": "apply", "req": 1, "ok": True, "id": "a", "state": "succeeded", "exit_code": 0}, reply
assert next_line()["req"] == 2
hear(req=3)
END
}

@test "protocol: apply tells how its task ended" {
    converse <<'END'
reply = ask("apply", shell="exit 3")
assert (reply["id"], reply["state"], reply["exit_code"]) == ("1", "failed", 3), reply
reply = ask("apply", id="k", shell="kill -9 $$")
assert (reply["state"], reply["exit_code"]) == ("failed", None), reply
reply = ask("apply", id="t", command=["sleep", "60"], timeout="50ms")
assert reply["state"] == "timed_out", reply
assert not ask("apply", id="k", command=["true"])["ok"]
assert ask("apply", command=["true"], daemon=True)["key"] == "daemon"
assert ask("apply")["error"]["type"] == "BadSpec"
assert end() == 123
END
}

# ---- map ----

@test "protocol: map submits a task for each element" {
    converse <<'END'
reply = ask("map", id="m", command=["echo", "{}"], over=["x", "y z", 3, 1.5, ["p", "q"]])
assert reply == {"type": "reply", "op": "map", "req": reply["req"], "ok": True, "id": "m", "count": 5}, reply
outputs = [result(f"m.{n}")["stdout"] for n in range(1, 6)]
assert outputs == ["x\n", "y z\n", "3\n", "1.5\n", "p q\n"], outputs
reply = ask("map", shell="echo {2}-{1}", over=[["a", "b c"], ["d", "e"]])
assert reply["count"] == 2 and "id" not in reply, reply
assert result("6")["stdout"] == "b c-a\n" and result("7")["stdout"] == "e-d\n"
assert ask("map", id="none", command=["echo"], over=[])["count"] == 0
assert ask("map", id="n", command=["echo", "a"], over=["b"], env={"A": "1"})["ok"]
assert result("n.1")["command"] == ["echo", "a", "b"]
assert ask("wait", ids=["m", "none", "n"])["done"] == ["m", "none", "n"]
END
}

@test "protocol: map refuses what is wrong as a whole" {
    converse <<'END'
say({"id": "m.2", "command": ["true"]})
for keys, key in [({}, "over"), ({"over": "x"}, "over"), ({"over": [None]}, "over"), ({"over": [True]}, "over"),
                  ({"over": [{}]}, "over"), ({"over": ["a", [["b"]]]}, "over"), ({"over": ["a\0b"]}, "over"),
                  ({"over": [1], "chunksize": 0}, "chunksize"), ({"over": [1], "chunksize": 1.5}, "chunksize"),
                  ({"over": [1], "chunksize": "2"}, "chunksize"), ({"over": [1], "nosuch": 1}, "nosuch")]:
    reply = ask("map", command=["echo"], **keys)
    assert not reply["ok"] and reply["error"]["type"] == "BadSpec" and reply["key"] == key, reply
reply = ask("map", id="m", command=["echo"], over=["a", "b"])
assert reply["error"]["type"] == "DuplicateId", reply
for keys in {"over": [1]}, {"chunksize": 2}:
    assert ask("submit", command=["true"], **keys)["error"]["type"] == "BadSpec"
result("m.2")
assert end() == 123
assert rest() == []
END
}

@test "protocol: map with chunksize: the items of a chunk have one slot, one after another" {
    converse -j2 <<'END'
gate("a"), gate("b")
say({"command": ["cat", "a"]})
say({"command": ["cat", "b"]})
ask("map", id="m", command=["true"], over=list(range(10)), chunksize=4.0)
open_gate("a"), open_gate("b")
got = [result(f"m.{n}") for n in range(1, 11)]
for chunk in got[0:4], got[4:8], got[8:10]:
    assert len({r["slot"] for r in chunk}) == 1, [r["slot"] for r in got]
    assert all(one["finished"] <= next["started"] for one, next in zip(chunk, chunk[1:]))
END
}

# ---- cancel ----

@test "protocol: cancel drops what has not started, and leaves what runs" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
say({"id": "b", "command": ["true"]})
reply = ask("cancel", id="b")
assert reply["cancelled"] is True and "state" not in reply, reply
b = result("b")
assert (b["state"], b["error"]["type"], b["attempt"], b["pid"], b["started"]) == ("cancelled", "Cancelled", 0, None, None), b
while ask("status", id="a")["state"] != "running":
    pass
reply = ask("cancel", id="a")
assert reply["cancelled"] is False and reply["state"] == "running", reply
reply = ask("cancel", id="a", running=False)
assert reply["cancelled"] is False
open_gate("g")
assert result("a")["state"] == "succeeded"
reply = ask("cancel", id="a")
assert reply["cancelled"] is False and reply["state"] == "succeeded", reply
reply = ask("cancel", id="a", running=True)
assert reply["cancelled"] is False and reply["state"] == "succeeded", reply
# What is cancelled stays so, as with Future.cancel.
assert ask("cancel", id="b")["cancelled"] is True
assert ask("cancel", id="b", running=True)["cancelled"] is True
assert end() == 123
END
}

@test "protocol: cancel with running ends a task and all its processes" {
    converse -j1 <<'END'
import os
gate("g")
say({"id": "a", "shell": "setsid cat g & echo on; exec sleep 60", "kill_after": "1s"})
while ask("status")["counts"]["running"] != 1:
    pass
reply = ask("cancel", id="a", running=True)
assert reply["cancelled"] is True, reply
a = result("a")
assert (a["state"], a["error"]["type"], a["exit_code"]) == ("cancelled", "Cancelled", None), a
# Nobody reads the FIFO any more.
try:
    os.open("g", os.O_WRONLY | os.O_NONBLOCK)
    assert False
except OSError:
    pass
assert ask("cancel", id="a")["cancelled"] is True
assert end() == 123
END
}

@test "protocol: cancel of several: one reply, which tells them apart" {
    converse -j1 <<'END'
gate("g")
say({"id": "done", "command": ["true"]})
result("done")
say({"id": "a", "command": ["cat", "g"]})
while ask("status", id="a")["state"] != "running":
    pass
for name in "b", "c", "d":
    say({"id": name, "command": ["true"]})
reply = ask("cancel", ids=["a", "b", "done"])
assert reply["cancelled"] is False and reply["each"] == {"a": False, "b": True, "done": False}, reply
reply = ask("cancel", ids=["c", "b"])
assert reply["cancelled"] is True and reply["each"] == {"c": True, "b": True}, reply
# One that nobody knows: none is cancelled.
reply = ask("cancel", ids=["d", "nobody"])
assert reply["error"]["type"] == "UnknownId", reply
reply = ask("cancel", ids=["a", "d"], running=True)
assert reply["cancelled"] is True, reply
assert [result(name)["state"] for name in "abcd"] == ["cancelled"] * 4
assert end() == 123
END
}

@test "protocol: cancel of a map, and of one of its items" {
    converse -j1 <<'END'
gate("g")
ask("map", id="m", command=["cat", "{}"], over=["g", "g", "g", "g"])
while ask("status", id="m.1")["state"] != "running":
    pass
assert ask("cancel", id="m.3")["cancelled"] is True
reply = ask("cancel", id="m")
assert reply["cancelled"] is False and reply["state"] == "running", reply
assert [result(f"m.{n}")["state"] for n in (2, 3, 4)] == ["cancelled"] * 3
reply = ask("cancel", id="m", running=True)
assert reply["cancelled"] is True, reply
assert result("m.1")["state"] == "cancelled"
assert ask("cancel", id="m")["cancelled"] is True
assert end() == 123
END
}

@test "protocol: cancel of what waits for a time or for its next attempt" {
    converse -j1 <<'END'
say({"id": "later", "command": ["true"], "in": "1h"})
say({"id": "again", "command": ["false"], "retries": 3, "retry_delay": "1h"})
while ask("status")["counts"]["scheduled"] != 2:
    pass
assert ask("status", id="again")["state"] == "scheduled"
assert ask("cancel", ids=["later", "again"])["cancelled"] is True
assert result("later")["attempt"] == 0
again = result("again")
assert (again["state"], again["error"]["type"]) == ("cancelled", "Cancelled"), again
assert end() == 123
END
}

@test "protocol: cancel of a repeated task ends what is still to come" {
    converse -j2 <<'END'
say({"id": "t", "command": ["true"], "every": "20ms"})
assert result("t@1")["state"] == "succeeded"
result("t@2")
assert ask("cancel", id="t")["cancelled"] is True
assert ask("wait", id="t")["done"] == ["t"]
assert ask("cancel", id="nobody@1")["error"]["type"] == "UnknownId"
status = end()
names = [line["id"] for line in rest()]
assert len(names) == len(set(names))
# Its last firing was dropped or had run, whichever was first.
assert status in (0, 123), status
END
}

@test "protocol: what cancel refuses" {
    converse <<'END'
for keys in {}, {"id": 1}, {"ids": "a"}, {"ids": [1]}, {"id": "a", "ids": ["a"]}, {"id": None}:
    assert ask("cancel", **keys)["error"]["type"] == "BadSpec", keys
assert ask("cancel", id="nobody")["error"]["type"] == "UnknownId"
assert ask("cancel", id="1")["error"]["type"] == "UnknownId"
say({"id": "a", "command": ["true"]})
for running in 1, "yes", None:
    assert ask("cancel", id="a", running=running)["error"]["type"] == "BadSpec"
assert ask("cancel", id="a", runing=True)["key"] == "runing"
assert end() == 123
END
}

# ---- wait ----

@test "protocol: wait answers when all have ended; reading goes on meanwhile" {
    converse -j2 <<'END'
gate("a"), gate("b")
say({"id": "a", "command": ["cat", "a"]})
say({"id": "b", "command": ["cat", "b"]})
say({"op": "wait", "ids": ["a", "b"], "req": "both"})
say({"op": "wait", "id": "b", "req": "one"})
assert ask("status")["ok"]
open_gate("b")
assert next_line()["id"] == "b"
reply = next_line()
assert reply == {"type": "reply", "op": "wait", "req": "one", "ok": True, "done": ["b"], "pending": []}, reply
open_gate("a")
assert next_line()["id"] == "a"
assert next_line() == {"type": "reply", "op": "wait", "req": "both", "ok": True, "done": ["a", "b"], "pending": []}
# Of what has ended already it is answered at once, and by numbers too.
assert ask("wait", ids=["b", "a"])["done"] == ["b", "a"]
say({"command": ["true"]})
assert ask("wait", id="3")["done"] == ["3"]
assert ask("wait", ids=[])["done"] == []
END
}

@test "protocol: wait with a timeout tells what is done and what is not" {
    converse -j2 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
say({"id": "b", "command": ["true"]})
result("b")
for timeout in "20ms", 0.02:
    reply = ask("wait", ids=["a", "b"], timeout=timeout)
    assert reply["ok"] and reply["done"] == ["b"] and reply["pending"] == ["a"], reply
say({"op": "wait", "id": "a", "timeout": "1h", "req": "long"})
open_gate("g")
assert hear(req="long")["pending"] == []
for timeout in "x", -1, True, [], "1 s":
    assert ask("wait", id="a", timeout=timeout)["error"]["type"] == "BadSpec", timeout
assert ask("wait", id="nobody")["error"]["type"] == "UnknownId"
assert ask("wait")["error"]["type"] == "BadSpec"
assert end() == 123
END
}

@test "protocol: waits that are owed at the end of the input are answered" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
ask("map", id="m", command=["true"], over=[1, 2])
say({"op": "wait", "ids": ["a", "m"], "req": "w"})
close()
open_gate("g")
assert hear(req="w")["done"] == ["a", "m"]
assert end() == 0
END
}

# ---- status ----

@test "protocol: status counts, and shows what runs" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["true"]})
result("a")
say({"id": "b", "shell": "echo $$; cat g"})
say({"id": "c", "command": ["true"]})
say({"id": "d", "command": ["true"], "in": "1h"})
say({"id": "e", "command": ["false"]})
ask("cancel", id="e")
while not (running := (got := ask("status"))["running"]) or not running[0]["pid"]:
    pass
counts = got["counts"]
assert counts == {"scheduled": 1, "ready": 1, "running": 1, "suspended": 0, "succeeded": 1, "failed": 0, "timed_out": 0,
                  "cancelled": 1, "lost": 0, "skipped": 0}, counts
assert len(running) == 1 and set(running[0]) == {"id", "seq", "pid", "slot", "started", "suspended"}, running
assert (running[0]["id"], running[0]["seq"], running[0]["slot"], running[0]["suspended"]) == ("b", 2, 1, False), running
states = {name: ask("status", id=name)["state"] for name in "abcde"}
assert states == {"a": "succeeded", "b": "running", "c": "ready", "d": "scheduled", "e": "cancelled"}, states
assert ask("status", id="a")["id"] == "a"
assert ask("status", id="x")["error"]["type"] == "UnknownId"
assert ask("status", id=1)["error"]["type"] == "BadSpec"
open_gate("g")
b = result("b")
assert int(b["stdout"]) == b["pid"] == running[0]["pid"] and b["started"] == running[0]["started"]
ask("cancel", id="d")
assert end() == 123
END
}

# ---- close, join, terminate, shutdown, the end of the input ----

@test "protocol: close takes no more tasks; what was taken runs" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
say({"id": "b", "command": ["true"]})
assert ask("close")["ok"]
for op, keys in ("submit", {}), ("apply", {}), ("map", {"over": [1]}):
    reply = ask(op, command=["true"], **keys)
    assert reply["ok"] is False and reply["error"]["type"] == "Closed", reply
say({"id": "late", "command": ["true"]})
line = hear(type="error")
assert "Closed" in line["message"] and "late" in line["text"], line
assert ask("close")["ok"] and ask("status")["ok"]
open_gate("g")
assert result("a")["state"] == result("b")["state"] == "succeeded"
assert ask("wait", ids=["a", "b"])["pending"] == []
assert end() == 123
END
}

@test "protocol: join waits for all tasks, and nothing is read until then" {
    converse -j1 <<'END'
gate("g")
reply = ask("join")
assert reply["error"]["type"] == "UsageError" and "close" in reply["error"]["message"], reply
say({"id": "a", "command": ["cat", "g"]})
say({"id": "b", "command": ["true"]})
say({"op": "close", "req": 1})
say({"op": "join", "req": 2})
say({"op": "status", "req": 3})
open_gate("g")
hear(req=1)
assert [next_line()["id"], next_line()["id"]] == ["a", "b"]
assert next_line() == {"type": "reply", "op": "join", "req": 2, "ok": True}
assert hear(req=3)["counts"]["succeeded"] == 2
assert ask("join")["ok"]
assert end() == 0
END
}

@test "protocol: terminate ends what runs, drops what waits, answers when all has ended" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
say({"id": "b", "command": ["true"]})
say({"id": "c", "command": ["true"], "in": "1h"})
while ask("status", id="a")["state"] != "running":
    pass
say({"op": "terminate", "req": "t"})
lines = [next_line() for _ in range(4)]
assert lines[3] == {"type": "reply", "op": "terminate", "req": "t", "ok": True}, lines[3]
got = {line["id"]: (line["state"], line["error"]["type"], line["attempt"]) for line in lines[:3]}
assert got == {"a": ("cancelled", "Shutdown", 1), "b": ("cancelled", "Shutdown", 0), "c": ("cancelled", "Shutdown", 0)}, got
# There is nothing left to wait for: the pool ends although the input has not.
assert end(close=False) == 123
END
}

@test "protocol: shutdown and terminate answer when the daemons have ended too" {
    local op
    for op in shutdown terminate; do
        converse -j1 <<END
say({"id": "d", "shell": "trap 'exit 0' TERM; while :; do sleep 0.05; done", "daemon": True})
while ask("status", id="d")["state"] != "running":
    pass
assert ask("apply", id="a", command=["true"])["ok"]
say({"op": "$op", "req": "end"})
assert hear(type="result", id=lambda name: name == "d")["state"] == "cancelled"
hear(type="result", id="a")
assert rest()[-1] == {"type": "reply", "op": "$op", "req": "end", "ok": True}
assert [line["type"] for line in rest()] == ["reply"], rest()
assert end(close=False) == 0
END
    done
}

@test "protocol: shutdown waits for all tasks; reading goes on meanwhile" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
say({"id": "b", "command": ["true"]})
say({"op": "shutdown", "req": "s"})
assert ask("submit", command=["true"])["error"]["type"] == "Closed"
assert ask("status", id="b")["state"] == "ready"
open_gate("g")
assert [next_line()["id"], next_line()["id"]] == ["a", "b"]
assert next_line() == {"type": "reply", "op": "shutdown", "req": "s", "ok": True}
end(close=False)
END
}

@test "protocol: shutdown with cancel_pending drops what has not started" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
say({"id": "b", "command": ["true"]})
while ask("status", id="a")["state"] != "running":
    pass
say({"op": "shutdown", "cancel_pending": True, "wait": True, "req": "s"})
b = next_line()
assert (b["id"], b["state"], b["error"]["type"]) == ("b", "cancelled", "Shutdown"), b
open_gate("g")
assert next_line()["state"] == "succeeded"
assert next_line()["req"] == "s"
assert end(close=False) == 123
END
    rm g
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
for keys in {"wait": 1}, {"cancel_pending": "yes"}, {"waiting": True}:
    assert ask("shutdown", **keys)["error"]["type"] == "BadSpec"
assert ask("shutdown", wait=False)["ok"]
open_gate("g")
assert result("a")["state"] == "succeeded"
assert end(close=False) == 123 # for the bad ones
END
}

@test "protocol: the end of the input is a shutdown: what was taken runs" {
    converse -j1 <<'END'
gate("g")
for n in range(5):
    say({"command": ["cat", "g"] if n == 0 else ["true"]})
close()
open_gate("g")
assert end() == 0
assert [line["seq"] for line in rest()] == [1, 2, 3, 4, 5]
END
}

# ---- a full queue ----

@test "protocol: at --max-queue no more is read until there is room" {
    converse -j1 --max-queue 1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
while ask("status", id="a")["state"] != "running":
    pass
say({"id": "b", "command": ["true"], "req": "b"})
say({"id": "c", "command": ["true"], "req": "c"})
say({"op": "status", "req": "s"})
hear(req="b")
open_gate("g")
hear(req="c")
# What is read behind it finds that a has ended.
assert hear(req="s")["counts"]["succeeded"] >= 1
result("a"), result("b"), result("c")
END
}

@test "protocol: block false: Full instead of waiting" {
    converse -j1 --max-queue 1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
while ask("status", id="a")["state"] != "running":
    pass
assert submit(id="b", command=["true"], block=False)["ok"]
reply = submit(id="c", command=["true"], block=False)
assert reply["ok"] is False and reply["error"]["type"] == "Full", reply
say({"id": "d", "command": ["true"], "block": False})
line = hear(type="error")
assert "Full" in line["message"], line
open_gate("g")
result("a"), result("b")
# There is room again, and the id was never used.
assert submit(id="c", command=["true"], block=False)["ok"]
result("c")
end()
END
}

@test "protocol: what waits for room is refused when the run is cut short" {
    local how line
    for how in halt HUP INT; do
        for line in '"op":"apply","command":["true"]' '"command":["true"]' '"op":"map","id":"m","command":["true"],"over":[1,2]'; do
            rm -f g
            converse -j1 --max-queue 1 --halt soon,fail=1 <<END
gate("g")
say({"id": "a", "shell": "cat g; exit 1"})
while ask("status", id="a")["state"] != "running":
    pass
# Both are read at once: when the first is answered, the second waits.
write('{"id":"b","command":["true"],"req":"b"}\n{"req":"c",$line}\n')
hear(req="b")
how = "$how"
if how != "halt":
    kill(getattr(signal, "SIG" + how))
if how != "INT":
    open_gate("g")
reply = hear(req="c")
assert reply["ok"] is False and reply["error"]["type"] == "Closed", reply
status = end(close=False)
assert status == (-2 if how == "INT" else 123), status
assert len([line for line in rest() if line["type"] == "result"]) == 2, rest()
END
        done
    done
}

# ---- what is wrong ----

@test "protocol: an unknown op, unknown keys, and their nearest" {
    converse <<'END'
reply = ask("cancle", id="a")
assert reply["error"]["type"] == "BadSpec" and reply["key"] == "op" and "cancel" in reply["error"]["message"], reply
for op in "status", "close", "join", "terminate", "shutdown", "wait":
    reply = ask(op, nosuch=1)
    assert reply["error"]["type"] == "BadSpec" and reply["key"] == "nosuch", reply
say({"op": "nosuch"})
reply = hear(type="reply", op="nosuch", req=None)
assert reply["key"] == "op", reply
say({"op": 5, "req": "n"})
reply = hear(type="reply", req="n")
assert reply["key"] == "op", reply
assert end() == 123
END
}

@test "protocol: a bad line costs only itself" {
    converse <<'END'
say({"id": "a", "command": ["true"]})
say("nonsense")
say('{"id":"b","command":["true"],"bogus":1}')
say("[]")
say("")
say("7")
say('{"id":"b","command":["true"]')
say('{"id":"b","id":"b","command":["true"]}')
say('{"id":"' + "x" * 300 + '","command":["true"]}')
say({"id": "c", "command": ["true"]})
result("a"), result("c")
end()
lines = rest()
assert all(set(line) == {"type", "line", "key", "message", "text"} and line["type"] == "error" for line in lines), lines
assert [(line["line"], line["key"]) for line in lines][:2] == [(2, None), (3, "bogus")], lines
assert lines[0]["text"] == "nonsense" and "bogus" in lines[1]["message"]
assert lines[-1]["line"] == 9 and len(lines[-1]["text"]) == 200, lines[-1]
END
}

@test "protocol: what later versions add is refused by name" {
    converse <<'END'
for key, value in {"function": "f", "call": 1, "cron": "@daily", "after": ["a"], "after_any": ["a"], "after_failed": ["a"]}.items():
    keys = {key: value} if key in ("function", "call") else {"command": ["true"], key: value}
    reply = submit(**keys)
    assert reply["error"]["type"] == "BadSpec" and reply["key"] == key and "version" in reply["error"]["message"], reply
assert end() == 123
END
}

@test "protocol: ids that are known are duplicates, whether they live or have ended" {
    converse -j1 <<'END'
gate("g")
say({"id": "a", "command": ["cat", "g"]})
assert submit(id="a", command=["true"])["error"]["type"] == "DuplicateId"
ask("map", id="m", command=["true"], over=[1])
for name in "m", "m.1":
    assert submit(id=name, command=["true"])["error"]["type"] == "DuplicateId"
open_gate("g")
result("a"), result("m.1")
for name in "a", "m", "m.1":
    reply = submit(id=name, command=["true"])
    assert reply["error"]["type"] == "DuplicateId" and reply["key"] == "id", reply
say({"id": "a", "command": ["true"]})
line = hear(type="error")
assert line["key"] == "id" and "DuplicateId" in line["message"], line
for name in "", "7", "007", 7, None, "x" * 256, "a\0b":
    assert submit(id=name, command=["true"])["error"]["type"] == "BadSpec", name
for name in "x" * 255, "7a", "ü" * 127, " ":
    assert submit(id=name, command=["true"])["id"] == name
end()
END
}
