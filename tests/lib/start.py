#!/usr/bin/env python3
"""Starts a program with its signals in a known state: start.py [--ignore NAMES] [--block NAMES] [--end FILE] COMMAND…

Every signal has its default action and none is blocked, but for those named (comma-separated: INT,PIPE). With --end the
program leads a process group of its own: FILE.pid gets its number, and FILE how it ended: "exit N" or "signal N".
Without it the program takes this one's place.
"""
import argparse
import os
import signal


def numbers(names):
    return {getattr(signal, "SIG" + name) for name in names.split(",") if name}


def put(path, text):
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text + "\n")
    os.rename(path + ".new", path)


def execute(options):
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN if number in options.ignore else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, options.block)
    os.execvp(options.command[0], options.command)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ignore", type=numbers, default=set())
    parser.add_argument("--block", type=numbers, default=set())
    parser.add_argument("--end")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.end:
        execute(options)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        execute(options)
    put(options.end + ".pid", str(pid))
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        put(options.end, f"signal {os.WTERMSIG(status)}")
    else:
        put(options.end, f"exit {os.WEXITSTATUS(status)}")


main()
