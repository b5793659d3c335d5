"""Runs a command at a terminal of its own and answers its first question.

Arguments: the answer as JSON text, then the command. Prints what the command
showed and ends with its exit code.
"""

import json
import os
import pty
import sys

answer = json.loads(sys.argv[1]).encode()
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
is_answered = False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
    if not is_answered and b"[y/N] " in shown:
        is_answered = True
        os.write(terminal, answer)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(status))
