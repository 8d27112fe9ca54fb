"""Ports that nobody uses now and nobody is given by chance."""

import itertools
import os
import socket
from collections.abc import Iterator
from typing import Final

_FIRST: Final = 20_000
_PORTS: Final = 10_000
"""Below what systems hand out for outgoing connections (from 32768 on): a server that is down for
a moment finds its port free again."""

_starts: Iterator[int] = itertools.count(os.getpid() * 101, 7)


def free_port() -> int:
    """A port of 127.0.0.1 that is free at this moment; another one at every call."""
    for candidate in itertools.islice(_starts, _PORTS):
        port = _FIRST + candidate % _PORTS
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no port between {_FIRST} and {_FIRST + _PORTS} is free")
