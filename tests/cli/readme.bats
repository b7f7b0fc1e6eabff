#!/usr/bin/env bats
# The recipes of the README give what is shown there.
load common

# Runs the commands of every console block, each block in an empty folder, and compares what they print with what
# stands below them. "> " continues a command.
@test "every console block of the README" {
    need jq
    jobpool_folder=$(dirname "$JOBPOOL")
    PATH=$jobpool_folder:$PATH python3 - "$BATS_TEST_DIRNAME/../../README.md" << 'PYTHON'
import re, subprocess, sys, tempfile

blocks = re.findall(r"^```console\n(.*?)^```$", open(sys.argv[1], encoding="utf-8").read(), re.M | re.S)
bad = 0
for block in blocks:
    with tempfile.TemporaryDirectory() as folder:
        for step in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = step.splitlines(keepends=True)
            more = 1
            while more < len(lines) and lines[more].startswith("> "):
                more += 1
            command = lines[0] + "".join(line[2:] for line in lines[1:more])
            got = subprocess.run(["bash", "-c", command], cwd=folder, text=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
            if got != "".join(lines[more:]):
                print(f"$ {command}is:\n{got}wanted:\n{''.join(lines[more:])}")
                bad += 1
print(len(blocks), "blocks")
sys.exit(bad > 0 or len(blocks) < 11)
PYTHON
}
