#!/usr/bin/env python3
"""Holds a conversation with a pool over two pipes: conversation.py OPTIONS… < SCRIPT

Starts "$TEST_PROGRAM run OPTIONS…" (or with "--" first, "$TEST_PROGRAM" and the words behind it) and runs the script,
Python, with these names:

  say(value)         writes one line: an object, or a string as it is
  write(text)        writes a piece of a line
  ask(op, KEYS…)     says an op with a `req` of its own, waits for its reply and returns it
  submit(KEYS…)      the same for a submission
  hear(KEYS…)        waits for a line with these keys and values, whatever comes before it, and returns it; a value that
                     can be called is asked. What was passed over can be heard later.
  next_line()        waits for the next line of those that nothing was heard of yet
  result(id)         waits for the result of a task
  end()              ends the input, waits for the end of the pool, and returns its status; with close=False it only
                     waits
  close()            ends the input
  rest()             the lines that nothing was heard of; to be asked after end()
  kill(number)       sends this signal to the pool's process; the module `signal` has the names
  pid                its number
  gate(name)         makes a FIFO; a task that reads it waits
  open_gate(name)    lets that task go; waits for it to come

A script that does not say end() has failed if the status is not 0. All of it may take no longer than
TIMEOUT_S; who waits in vain is told what was said.
"""
import json
import os
import queue
import signal
import subprocess
import sys
import threading

TIMEOUT_S = 60


def same(one, other):
    """As JSON: 1, 1.0 and true are three values."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class Conversation:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self.process.pid
        self.lines = queue.Queue()
        self.passed = []
        self.transcript = []
        self.asked = 0
        self.ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
            self.transcript.append("< " + line.decode().rstrip("\n"))
        self.lines.put(None)

    def say(self, value):
        line = value if isinstance(value, str) else json.dumps(value)
        self.transcript.append("> " + line)
        self.write(line + "\n")

    def write(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()

    def _read_line(self):
        line = self.lines.get()
        if line is None:
            self.lines.put(None)
            raise AssertionError("the output has ended")
        return line

    def next_line(self):
        return self.passed.pop(0) if self.passed else self._read_line()

    def hear(self, **wanted):
        def fits(line):
            return all(key in line and (value(line[key]) if callable(value) else same(line[key], value))
                       for key, value in wanted.items())
        for index, line in enumerate(self.passed):
            if fits(line):
                return self.passed.pop(index)
        while True:
            line = self._read_line()
            if fits(line):
                return line
            self.passed.append(line)

    def result(self, name):
        return self.hear(type="result", id=name)

    def ask(self, op, **keys):
        self.asked += 1
        req = f"asked {self.asked}"
        self.say({"op": op, "req": req, **keys})
        reply = self.hear(type="reply", req=req)
        assert reply["op"] == op, reply
        return reply

    def submit(self, **keys):
        return self.ask("submit", **keys)

    def end(self, close=True):
        self.ended = True
        if close and not self.process.stdin.closed:
            self.process.stdin.close()
        return self.process.wait()

    def rest(self):
        while (line := self.lines.get()) is not None:
            self.passed.append(line)
        self.lines.put(None)
        return self.passed

    def kill(self, number):
        os.kill(self.pid, number)


def expired(_number, _frame):
    raise AssertionError("this takes too long")


def open_gate(name):
    with open(name, "wb"):
        pass


def main():
    words = sys.argv[1:]
    words = words[1:] if words[:1] == ["--"] else ["run", *words]
    signal.signal(signal.SIGALRM, expired)
    signal.alarm(TIMEOUT_S)
    talk = Conversation([os.environ["TEST_PROGRAM"], *words])
    names = {name: getattr(talk, name) for name in dir(talk) if not name.startswith("_")}
    names.update(gate=os.mkfifo, open_gate=open_gate, signal=signal)
    script = sys.stdin.read()
    try:
        exec(compile(script, "script", "exec"), names)  # pylint: disable=exec-used
        if not talk.ended:
            status = talk.end()
            assert status == 0, f"status {status}"
    except BaseException as error:
        if talk.process.poll() is None:
            talk.process.kill()
        print("\n".join(talk.transcript))
        trace = error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == "script":
                print(f"line {trace.tb_lineno}: {script.splitlines()[trace.tb_lineno - 1].strip()}")
            trace = trace.tb_next
        raise


main()
