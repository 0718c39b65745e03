"""How many statements each of the three requests takes, in the product and in the reference.

Usage: queries.py PLAN product|reference
"""

import json
import os
import sys
from pathlib import Path

WHO = sys.argv[2]
os.environ["DJANGO_SETTINGS_MODULE"] = "studygroup.settings" if WHO == "product" else "bench.reference.settings"

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.reference.codes import digits_of_key  # noqa: E402

BOOKKEEPING = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    place = -1 if WHO == "product" else -2  # rows the load has not used
    session, key = plan["sessions"][place]
    digits = digits_of_key(session, key, timezone.now())[0]
    case = plan["cases"][place]
    for name, cookie, method, path, data in (
        ("sign-in", plan["members"][0], "post", f"/sessions/{session}/sign-in/", {"code": digits}),
        ("list", plan["office"], "get", "/submissions/?tab=group&size=50", {}),
        ("verdict", plan["office"], "post", f"/reviews/{case}/pass/", {"seen_version": 1, "comment": "同意"}),
    ):
        client = Client(SERVER_NAME="127.0.0.1")
        client.cookies["sessionid"] = cookie
        with CaptureQueriesContext(connection) as captured:
            response = getattr(client, method)(path, data)
        assert response.status_code in (200, 302), (name, response.status_code, response.content[:300])
        statements = [q["sql"] for q in captured if not q["sql"].startswith(BOOKKEEPING)]
        print(f"{WHO:10}{name:10}{len(statements):3} statements")


main()
