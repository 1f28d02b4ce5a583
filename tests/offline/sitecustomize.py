"""Found first on PYTHONPATH, so that every Python process of the session starts with it.

It writes each address outside this machine that Python code looks up or connects to into the
file $RECOUPE_NETWORK_LOG.
"""

import os
import sys

EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
HERE = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "", None)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event not in EVENTS:
        return
    target = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments
    if isinstance(target, tuple) and target[0] not in HERE:
        with open(os.environ["RECOUPE_NETWORK_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{event} {target[0]}\n")


sys.addaudithook(_hook)
