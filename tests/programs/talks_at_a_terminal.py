"""Runs a command at a terminal of its own and talks with it.

Arguments: the talk as JSON, then the command. The talk is a list of steps
[expect, send] or [expect, send, [rows, columns]]: once the text `expect` has
been shown behind the place where the step before matched, the terminal gets
the new size, if there is one, and then the text `send` is typed; null types
nothing. "\\u0003" is Ctrl-C, "\\u0004" the end of the input.

Prints what the command showed and ends with its exit code, 128 + N for signal
N. A command that is silent for 30 seconds is killed: then, and when it ends
before the last step was reached, the exit code is 124 and stderr says which
text never came.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios

PATIENCE_SECONDS = 30


def resize(terminal, rows, columns):
    size = struct.pack("HHHH", rows, columns, 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)


def main():
    steps = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        resize(0, 24, 80)
        os.execvp(sys.argv[2], sys.argv[2:])
    shown = b""
    seen = 0
    is_stuck = False
    while True:
        ready, _, _ = select.select([terminal], [], [], PATIENCE_SECONDS)
        if not ready:
            is_stuck = True
            os.kill(pid, signal.SIGKILL)
            break
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
        while steps:
            expect, send, *size = steps[0]
            at = shown.find(expect.encode(), seen)
            if at < 0:
                break
            seen = at + len(expect.encode())
            steps.pop(0)
            for rows, columns in size:
                resize(terminal, rows, columns)
            if send is not None:
                os.write(terminal, send.encode())
    _, status = os.waitpid(pid, 0)
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    if is_stuck or steps:
        missing = steps[0][0] if steps else "the end"
        print(f"never shown: {missing}", file=sys.stderr)
        sys.exit(124)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


main()
