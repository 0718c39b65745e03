"""A job that waits half way until it may go on; the worker of test_worker.py imports it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils import timezone

from studygroup.lib import jobs
from studygroup.lib.models.job import Heartbeat

KIND = "probe"


@jobs.handler(KIND)
def probe(run: jobs.Run) -> Callable[[], dict[str, Any]]:
    run.progress(50, "一半")
    gate = Path(run.params["gate"])
    while not gate.exists():
        time.sleep(0.05)

    def store() -> dict[str, Any]:
        Heartbeat.objects.create(name=f"probe-{run.job_id}-{run.fence}", at=timezone.now())
        return {"fence": run.fence}

    return store
