"""Sign-in, list and verdict of the product against the lean reference, in turn on the same PostgreSQL.

Usage: run.py PLAN PRODUCT_PORT PRODUCT_PID REFERENCE_PORT REFERENCE_PID. Prints answers per second, CPU milliseconds
a request, and the ratio product : reference as the median over rounds; exits 1 below the ratios promised.
"""

import http.client
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.reference.settings")

from bench.reference.codes import digits_of_key

ROUNDS, THREADS = 5, 4
COUNT = {"sign-in": 280, "list": 60, "verdict": 100}
PROMISED = {"sign-in": 0.7, "list": 0.35, "verdict": 0.35}
TOKEN = "b" * 32
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Of the gunicorn workers below the pid, so far."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        total = 0
        for child in children:
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS


@dataclass
class Request:
    method: str
    path: str
    cookie: str
    fields: dict[str, str]
    wanted: int


class Work:
    """Requests nobody has made yet: every sign-in and every verdict is a first one."""

    def __init__(self, plan: dict) -> None:
        self.plan = plan
        self.cases = iter(plan["cases"])
        self.sign_ins: Iterator = ((s, m) for s in plan["sessions"] for m in plan["members"])

    def make(self, kind: str) -> Request:
        if kind == "list":
            return Request("GET", "/submissions/?tab=group&size=50", self.plan["office"], {}, 200)
        if kind == "verdict":
            fields = {"seen_version": "1", "comment": "同意"}
            return Request("POST", f"/reviews/{next(self.cases)}/pass/", self.plan["office"], fields, 302)
        (session, key), member = next(self.sign_ins)
        return Request("POST", f"/sessions/{session}/sign-in/", member, {"code": key, "_session": str(session)}, 302)


def send(connection: http.client.HTTPConnection, request: Request) -> None:
    fields = dict(request.fields)
    if "_session" in fields:  # the digits of this very moment
        session = int(fields.pop("_session"))
        now = datetime.now().astimezone()
        fields["code"] = digits_of_key(session, fields["code"], now)[0]
    headers = {"Cookie": f"sessionid={request.cookie}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
    body = urlencode(fields) if fields else None
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(request.method, request.path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != request.wanted or "expired" in (answer.headers.get("Location") or ""):
        raise SystemExit(f"{request.path}: {answer.status} instead of {request.wanted}: {text[:300]!r}")


def measure(server: Server, requests: list[Request]) -> tuple[float, float]:
    """Answers per second and CPU milliseconds a request."""
    waiting, lock, failures = list(requests), threading.Lock(), []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        try:
            while True:
                with lock:
                    if not waiting:
                        return
                    request = waiting.pop()
                send(connection, request)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=client) for _ in range(THREADS)]
    cpu, start = server.cpu_seconds(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    seconds = time.perf_counter() - start
    return len(requests) / seconds, (server.cpu_seconds() - cpu) * 1000 / len(requests)


def main() -> int:
    plan = json.loads(Path(sys.argv[1]).read_text())
    product = Server("product", int(sys.argv[2]), int(sys.argv[3]))
    reference = Server("reference", int(sys.argv[4]), int(sys.argv[5]))
    work, short = Work(plan), False
    print(f"{'':10}{'product/s':>12}{'reference/s':>13}{'ratio':>8}{'promised':>10}{'CPU ms':>9}{'ref. ms':>9}")
    for kind, count in COUNT.items():
        for server in (product, reference):  # warm up: connections, templates, plans
            measure(server, [work.make(kind) for _ in range(count // 5)])
        pairs = []
        for _ in range(ROUNDS):
            pairs.append([measure(server, [work.make(kind) for _ in range(count)]) for server in (product, reference)])
        ratio = statistics.median(ours[0] / lean[0] for ours, lean in pairs)
        ours = [statistics.median(p[0][i] for p in pairs) for i in (0, 1)]
        lean = [statistics.median(p[1][i] for p in pairs) for i in (0, 1)]
        short |= ratio < PROMISED[kind]
        print(f"{kind:10}{ours[0]:12.0f}{lean[0]:13.0f}{ratio:8.2f}{PROMISED[kind]:10.2f}{ours[1]:9.2f}{lean[1]:9.2f}")
    return int(short)


if __name__ == "__main__":
    import django

    django.setup()
    sys.exit(main())
