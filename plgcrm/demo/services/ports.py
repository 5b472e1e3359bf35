"""Free ports on loop-back."""

import random
import socket
from contextlib import suppress

from plgcrm.demo.services.guard import HOST

PORTS = range(15_000, 32_000)  # below the ones the kernel gives to outgoing connections


def free_port() -> int:
    for port in random.sample(PORTS, k=200):
        if is_free(port):
            return port
    raise RuntimeError(f"no free port between {PORTS.start} and {PORTS.stop}")


def is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return True
    return False
