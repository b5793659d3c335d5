"""Answers health as a daemon does while two processes hold its listener.

Argument: the port; the arguments behind it only shape the argument vector.
"""

import json
import os
import signal
import socket
import sys

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
parent = os.getpid()
if os.fork() == 0:
    # The second holder goes away with the first one.
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() == parent:
        signal.pause()
    sys.exit(0)
listener.listen(50)
body = json.dumps({
    "status": "ok",
    "daemon_family": "sync",
    "protocol_version": 1,
    "package_version": "3.2.4",
    "owner": {"pid": os.getpid(), "port": int(sys.argv[1])},
}).encode()
head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
while True:
    connection, _ = listener.accept()
    connection.recv(65536)
    connection.sendall(head + body)
    connection.close()
