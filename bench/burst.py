"""Three hundred people press “签到” within a fifth of a second: product and reference in turn, on the same PostgreSQL.

Usage: burst.py PLAN PRODUCT_PORT PRODUCT_PID REFERENCE_PORT REFERENCE_PID. Prints the time until everybody is answered
and the ratio product : reference as the median over rounds; exits 1 above the ratio promised, or when somebody was not
answered, was registered twice, or is missing.
"""

import http.client
import json
import statistics
import sys
import threading
import time
from pathlib import Path

from bench.run import Request, Server, send

WITHIN, PROMISED = 0.2, 1.5


def burst(server: Server, session: list, cookies: list[str]) -> float:
    """Seconds from the first press to the last answer."""
    number, key = session
    gate, failures, answered = threading.Barrier(len(cookies) + 1), [], []

    def person(place: int, cookie: str) -> None:
        fields = {"code": key, "_session": str(number)}
        request = Request("POST", f"/sessions/{number}/sign-in/", cookie, fields, 302)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        gate.wait()
        time.sleep(WITHIN * place / len(cookies))
        try:
            send(connection, request)
            answered.append(time.perf_counter())
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    crowd = [threading.Thread(target=person, args=pair) for pair in enumerate(cookies)]
    for one in crowd:
        one.start()
    gate.wait()
    start = time.perf_counter()
    for one in crowd:
        one.join()
    if failures:
        raise SystemExit(f"{server.name}: {len(failures)} of {len(cookies)} were not answered: {failures[0]!r}")
    return max(answered) - start


def check_rows(session: int, expected: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        counted = "SELECT COUNT(*), COUNT(DISTINCT person_id) FROM sessions_app_attendance WHERE session_id = %s"
        cursor.execute(counted, [session])
        rows, people = cursor.fetchone()
    if (rows, people) != (expected, expected):
        raise SystemExit(f"session {session}: {rows} rows of {people} people instead of {expected}")


def main() -> int:
    plan = json.loads(Path(sys.argv[1]).read_text())
    servers = (
        Server("product", int(sys.argv[2]), int(sys.argv[3])),
        Server("reference", int(sys.argv[4]), int(sys.argv[5])),
    )
    cookies, sessions, pairs = plan["crowd"], iter(plan["bursts"]), []
    for _ in range(len(plan["bursts"]) // 2):
        pair = []
        for server in servers:
            session = next(sessions)
            pair.append(burst(server, session, cookies))
            check_rows(session[0], len(cookies))
        pairs.append(pair)
    pairs = pairs[1:]  # the first pair only warms up
    ratio = statistics.median(ours / lean for ours, lean in pairs)
    ours, lean = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    print(f"burst: {len(cookies)} people within {WITHIN} s are answered after, in seconds (none twice, none lost)")
    print(f"{'':10}{'product':>12}{'reference':>13}{'ratio':>8}{'promised':>10}")
    print(f"{'burst':10}{ours:12.2f}{lean:13.2f}{ratio:8.2f}{'<= ' + str(PROMISED):>10}")
    return int(ratio > PROMISED)


if __name__ == "__main__":
    import django

    django.setup()
    sys.exit(main())
