"""A service with any habit that a test needs.

unit.py listen PORT [delay=MS] [delta=N] [ipv6] [stubborn] [http=STATUS]
unit.py toggle PORT PATH      listens while there is no such file
unit.py work [stubborn]       runs and listens to nothing
unit.py crash TEXT CODE [delay=MS]  writes TEXT as an error and ends
unit.py wrap WORDS...         starts itself with WORDS and waits for it
unit.py abandon WORDS...      starts itself with WORDS and ends with 0
unit.py forget WORDS...       the same, in a session of its own
unit.py scrub WORDS...        abandons itself without any environment
unit.py read                  writes what its input says, and goes on
unit.py say COUNT             writes COUNT lines and goes on
"""

import os
import signal
import socket
import sys
import time


def option(words, name, default):
    for word in words:
        if word.startswith(name + "="):
            return int(word.split("=")[1])
    return default


def listen(words):
    time.sleep(option(words, "delay", 0) / 1000)
    family = socket.AF_INET6 if "ipv6" in words else socket.AF_INET
    host = "::1" if "ipv6" in words else "127.0.0.1"
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, int(words[0]) + option(words, "delta", 0)))
    server.listen(16)
    print("listening", flush=True)
    status = option(words, "http", 0)
    begin = time.time()
    while True:
        connection, _ = server.accept()
        connection.recv(4096)
        if status:
            # Not ready in its first moments, as real ones are.
            code = 503 if time.time() - begin < 0.2 else status
            head = "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % code
            connection.sendall(head.encode())
        connection.close()


def toggle(port, path):
    server = None
    while True:
        if os.path.exists(path) and server:
            server.close()
            server = None
        elif not os.path.exists(path) and not server:
            server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", int(port)))
            server.listen(16)
        time.sleep(0.01)


def start(words, environment=None):
    script = [sys.executable, "-S", os.path.abspath(__file__), *words]
    pid = os.fork()
    if pid == 0:
        os.execve(sys.executable, script, environment or dict(os.environ))
    return pid


def main(verb, *words):
    if "stubborn" in words:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if verb == "listen":
        listen(words)
    elif verb == "toggle":
        toggle(*words)
    elif verb == "crash":
        time.sleep(option(words, "delay", 0) / 1000)
        print(words[0], file=sys.stderr, flush=True)
        sys.exit(int(words[1]))
    elif verb == "wrap":
        os.waitpid(start(words), 0)
    elif verb == "abandon":
        start(words)
        sys.exit(0)
    elif verb == "scrub":
        start(words, {"PATH": "/usr/bin"})
        sys.exit(0)
    elif verb == "forget":
        if os.fork() == 0:
            os.setsid()
            start(words)
        sys.exit(0)
    elif verb == "read":
        print("input: %r" % sys.stdin.read(), flush=True)
    elif verb == "say":
        for number in range(int(words[0])):
            print("line %d" % number)
        sys.stdout.flush()
    while True:
        time.sleep(60)


main(*sys.argv[1:])
