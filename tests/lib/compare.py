#!/usr/bin/env python3
"""Runs command lines through two programs and compares: compare.py NAME ONE TWO FILE…

Each line of a FILE is NAME HOW COMMAND LINE, separated by blanks; empty lines and those that begin with # count for
nothing. HOW is how stdout is compared:

  exact    byte for byte
  sorted   the lines in any order
  status   not at all
  differs  stdout or the status must differ, for a reason that stands behind " ## " at the end of the line; a line that
           differs no longer is a failure, so that the reasons stay true

but for `differs` the exit status must be the same, too. bash runs the command line, in which NAME (the first argument)
is the program ONE or TWO, in a new folder that is also $HOME, with the files a.txt (three lines: one, two, three) and
b.csv (x,1 and y,2) in it. Two are run at a time. What ONE answers is kept in the file $COMPARE_CACHE, if that is set,
and asked again when ONE or the command line is another. Prints what is wrong; the status is 1 if anything is.
"""
import base64
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
import tempfile

HOWS = ("exact", "sorted", "status", "differs")


def read_cases(path):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.strip().split(None, 2)
            if not fields or fields[0].startswith("#"):
                continue
            where = f"{os.path.basename(path)}:{number}"
            if len(fields) != 3 or fields[1] not in HOWS:
                sys.exit(f"{where}: no case: {line.strip()}")
            name, how, command = fields
            command, _, reason = command.partition(" ## ")
            if bool(reason) != (how == "differs"):
                sys.exit(f"{where}: a reason stands behind ## if, and only if, the case differs")
            yield where, name, how, command


def run(program, name, command):
    with tempfile.TemporaryDirectory() as top:
        links, home = os.path.join(top, "bin"), os.path.join(top, "home")
        os.mkdir(links)
        os.makedirs(os.path.join(home, ".parallel"))
        os.symlink(program, os.path.join(links, name))
        for file, text in (("a.txt", "one\ntwo\nthree\n"), ("b.csv", "x,1\ny,2\n"), (".parallel/will-cite", "")):
            with open(os.path.join(home, file), "w", encoding="utf-8") as out:
                out.write(text)
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("PARALLEL", "JOBPOOL", "XDG_"))}
        environment.update(HOME=home, PATH=links + ":/usr/bin:/bin", LC_ALL="C.UTF-8", TMPDIR=top)
        try:
            done = subprocess.run(["bash", "-c", command], cwd=home, env=environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=30, check=False)
        except subprocess.TimeoutExpired:
            return None, b"", b"no end within 30 s"
        return done.returncode, done.stdout.replace(home.encode(), b"$HOME"), done.stderr


class Kept:
    """The answers of a program, kept in a file."""

    def __init__(self, program, path):
        self.program, self.path, self.answers, self.asked = program, path, {}, False
        with open(program, "rb") as code, open(__file__, "rb") as script:
            self.version = hashlib.sha256(code.read() + script.read()).hexdigest()
        try:
            with open(path, encoding="ascii") as file:
                kept = json.load(file)
            self.answers = kept["answers"] if kept["version"] == self.version else {}
        except (OSError, ValueError, KeyError):
            pass

    def run(self, name, command):
        if command not in self.answers:
            status, out, err = run(self.program, name, command)
            if status is None:
                return status, out, err
            self.answers[command] = [status, base64.b64encode(out).decode(), base64.b64encode(err).decode()]
            self.asked = True
        status, out, err = self.answers[command]
        return status, base64.b64decode(out), base64.b64decode(err)

    def keep(self):
        if not self.asked or not self.path:
            return
        new = f"{self.path}.{os.getpid()}"
        with open(new, "w", encoding="ascii") as file:
            json.dump({"version": self.version, "answers": self.answers}, file)
        os.replace(new, self.path)


def compare(name, kept, program, case):
    where, title, how, command = case
    status, out, err = kept.run(name, command)
    own_status, own_out, own_err = run(program, name, command)
    shown, own_shown = out, own_out
    if how == "sorted":
        shown, own_shown = sorted(out.splitlines(True)), sorted(own_out.splitlines(True))
    same = status == own_status and (how == "status" or shown == own_shown)
    if status is not None and own_status is not None and same != (how == "differs"):
        return None
    if how == "differs":
        return f"{where}: {title} differs no longer: {command}"
    return (f"{where}: {title}: {command}\n  status {own_status}, not {status}\n  stdout {own_out!r}\n"
            f"     not {out!r}\n  stderr {own_err!r}\n     for {err!r}")


def main():
    name, one, two, *files = sys.argv[1:]
    cases = [case for path in files for case in read_cases(path)]
    kept = Kept(one, os.environ.get("COMPARE_CACHE", ""))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [told for told in pool.map(lambda case: compare(name, kept, two, case), cases) if told]
    kept.keep()
    print("\n".join([*wrong, f"{len(cases)} command lines, {len(wrong)} of them wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
