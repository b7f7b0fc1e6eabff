#!/usr/bin/env python3
"""What an interactive shell on a terminal of its own completes: complete.py bash|zsh|fish SCRIPT LINE

Prints, one per line, what is offered for the end of LINE. bash: the words of the line once all that is offered was
inserted (insert-completions), so file names and prefixes are readline's own. zsh: the matches that were added.
"""
import os
import pty
import select
import subprocess
import sys
import tempfile

TIMEOUT_S = 30

BASH = r"""
source "$SCRIPT"
jobpool() { printf '%s\n' "$@" END >"$ANSWER"; }
"""

ZSH = r"""
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' completer _complete
unsetopt beep
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a found
    builtin compadd -A found "$@"
    hits+=($found)
    builtin compadd "$@"
}
probe() { hits=(); zle list-choices; print -rl -- $hits END >$ANSWER }
zle -N probe
bindkey '^T' probe
"""


def talk(argv, environment, setup, keys, answer):
    """Starts the shell on a terminal, types setup and keys, and returns what comes out of the FIFO `answer`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, environment)
    reader = os.open(answer, os.O_RDWR | os.O_NONBLOCK)
    text = b""
    pending = setup.encode() + keys.encode()
    try:
        while not text.endswith(b"END\n"):
            readable, writable, _ = select.select([terminal, reader], [terminal] if pending else [], [], TIMEOUT_S)
            if not readable and not writable:
                sys.exit("complete.py: the shell does not answer")
            if reader in readable:
                text += os.read(reader, 65536)
            if terminal in readable:
                os.read(terminal, 65536)
            if writable:
                pending = pending[os.write(terminal, pending[:256]):]
    finally:
        os.close(terminal)
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return text.decode().splitlines()[:-1]


def main():
    shell, script, line = sys.argv[1:]
    if shell == "fish":
        subprocess.run(["fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', script, line], check=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        answer = os.path.join(folder, "answer")
        os.mkfifo(answer)
        setup = os.path.join(folder, "setup")
        with open(setup, "w", encoding="utf-8") as file:
            file.write(BASH if shell == "bash" else ZSH)
        environment = dict(os.environ, ANSWER=answer, SCRIPT=os.path.abspath(script), INPUTRC="/dev/null",
                           TERM="dumb", HISTFILE="/dev/null", PS1="$ ")
        if shell == "bash":
            found = talk(["bash", "--norc", "--noprofile", "-i"], environment, f"source {setup}\n", line + "\x1b*\n", answer)
        else:
            functions = subprocess.run(["zsh", "-fc", "print -r -- ${(j.:.)fpath}"], check=True, text=True,
                                       stdout=subprocess.PIPE).stdout.strip()
            environment["FPATH"] = os.path.dirname(os.path.abspath(script)) + ":" + functions
            found = talk(["zsh", "-f", "-i"], environment, f"source {setup}\n", line + "\x14", answer)
    print("\n".join(found))


main()
