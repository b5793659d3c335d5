"""Writes every secret that it can find, in every form, and then listens.

leak.py listen PORT SECRETS...   with words of its own
leak.py crash                    names a secret in its error and ends with 3
"""

import base64
import json
import os
import socket
import sys
from urllib.parse import quote

verb, words = sys.argv[1], sys.argv[2:]
if verb == "crash":
    print("error: cannot sign in with", os.environ["DEPLOY_TOKEN"], flush=True)
    sys.exit(3)


def say(secret):
    raw = secret.encode()
    print("plain", secret, "in the open")
    print("json", json.dumps({"note": secret}), json.dumps([json.dumps([secret])]))
    print("url http://localhost/?q=" + quote(secret, safe=""))
    print("basic", base64.b64encode(b"user:" + raw).decode(), raw.hex())


with open(".env") as file:
    for line in file:
        say(line.rstrip("\n").split("=", 1)[1])
for name in ("MAIL_TOKEN", "DEPLOY_TOKEN", "REEVE_UNIT"):
    say(os.environ[name])
for word in words[1:]:
    say(word.split("=", 1)[-1])
print("session cookie=sid-log-line-4444-abcd; path=/")
print("connecting to amqp://bob:url-in-log-5555@queue/vhost")
print("again without its address: url-in-log-5555")
print(json.dumps({"level": "info", "said": open("jwt.txt").read()}))
sys.stdout.flush()
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(words[0])))
server.listen(16)
while True:
    server.accept()[0].close()
