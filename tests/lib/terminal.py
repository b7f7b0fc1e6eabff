#!/usr/bin/env python3
"""A session on a terminal, by script: terminal.py COMMAND… < SCRIPT

COMMAND runs on a pseudo-terminal of its own. Each line of the script is one step:

  type TEXT       types it; \\n, \\x1a and so on are understood
  expect REGEX    reads on until what was shown since the last expect matches
  do COMMAND      a shell command, elsewhere, that must succeed
  until COMMAND   the same, tried again until it succeeds

No step may take longer than 20 seconds. At the end the terminal is hung up. All that was shown goes to stdout.
"""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

TIMEOUT_S = 20


class Terminal:
    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
                signal.signal(number, signal.SIG_DFL)
            os.execvp(command[0], command)
        self.shown = ""
        self.seen = 0

    def read(self, seconds):
        """False when nothing came for so long; what came is in self.shown."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other side was closed
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def type(self, text):
        data = text.encode().decode("unicode_escape").encode("latin-1")
        while data:
            data = data[os.write(self.fd, data):]

    def expect(self, regex):
        end = time.monotonic() + TIMEOUT_S
        while True:
            found = re.search(regex, self.shown[self.seen:])
            if found:
                self.seen += found.end()
                return
            if time.monotonic() > end or not self.read(max(end - time.monotonic(), 0)):
                raise SystemExit(f"never shown: {regex}")

    def do(self, command):
        subprocess.run(["sh", "-c", command], check=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL, stdout=sys.stderr)

    def until(self, command):
        end = time.monotonic() + TIMEOUT_S
        while subprocess.run(["sh", "-c", command], check=False, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL).returncode != 0:
            if time.monotonic() > end:
                raise SystemExit(f"never came true: {command}")
            self.read(0.02)

    def close(self):
        while self.read(0):
            pass
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def main():
    steps = [line.rstrip("\n").split(" ", 1) for line in sys.stdin if line.strip()]
    terminal = Terminal(sys.argv[1:])
    try:
        for name, argument in steps:
            try:
                {"type": terminal.type, "expect": terminal.expect, "do": terminal.do, "until": terminal.until}[name](argument)
            except subprocess.SubprocessError as error:
                raise SystemExit(f"{name} {argument}: {error}") from error
    finally:
        terminal.close()
        sys.stdout.write(terminal.shown)


main()
