"""Waiting for other processes, without guessing how long they take."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120


def until(what: str, condition: Callable[[], object], log: Path | None = None) -> None:
    """Wait for another process to get there; only a failure takes long, and shows the process's `log`."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}\n{log.read_text() if log else ''}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
