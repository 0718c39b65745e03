"""Reading a stranger's file in a process of its own: whatever the file does to it happens elsewhere."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from studygroup.lib.errors import Refused

WALL_SECONDS = 9


def run_reader(program: Path, data: bytes, *, slow: str, died: str) -> dict[str, Any]:
    """What one of the reader programs beside this file says of `data`. Raises Refused, within ten seconds, with its
    reason or with `slow` or `died`.
    """
    command = [sys.executable, "-E", "-s", "-S", "-B", str(program)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=WALL_SECONDS, env={}, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise Refused(slow) from error
    if done.returncode or not done.stdout:
        raise Refused(died)
    answer = json.loads(done.stdout)
    if refusal := answer.get("refused"):
        raise Refused(refusal)
    return answer
