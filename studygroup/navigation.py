"""The main navigation: what a person may use, the four he needs most first on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.permissions import Permission

HOME = "M12 3 2.5 11h2.5v9h5v-6h4v6h5v-9h2.5z"
PLAN = "M6 3h12a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zm2 4v2h8V7zm0 4v2h8v-2zm0 4v2h5v-2z"
PEOPLE = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-4 0-8 2-8 5v1h16v-1c0-3-4-5-8-5z"
PEN = "M4 16.5V20h3.5L17.8 9.700l-3.5-3.5zM20.7 6.800a1 1 0 0 0 0-1.400l-2.1-2.100a1 1 0 0 0-1.4 0l-1.6 1.6 3.5 3.5z"
CHECK = "M9 16.2 4.8 12l-1.4 1.400L9 19 21 7l-1.4-1.400z"
BOOK = "M5 3h13a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm0 14v2h12v-2z"
BOX = "M4 4h16v5H4zm1 6h14v10H5zm4 2v2h6v-2z"
CHART = "M4 20V10h4v10zm6 0V4h4v16zm6 0v-7h4v7z"


@dataclass(frozen=True)
class Entry:
    label: str
    route: str
    icon: str
    needs: Sequence[Permission]


JUDGE_OR_READ = (
    Permission.FIRST_REVIEW,
    Permission.SECOND_REVIEW,
    Permission.FINAL_GATE,
    Permission.READ_PAPERS,
)

ENTRIES = (
    Entry("首页", "home", HOME, ()),
    Entry("学习活动", "session_list", PEOPLE, ()),
    Entry("学习材料", "submission_list", PEN, (Permission.WRITE_PAPERS, Permission.READ_APPROVED)),
    Entry("审核", "review_list", CHECK, JUDGE_OR_READ),
    Entry("计划", "plan_list", PLAN, (Permission.READ_PLANS,)),
    Entry("资料", "material_list", BOOK, (Permission.READ_LIBRARY,)),
    Entry("档案", "dossier_list", BOX, (Permission.READ_RECORDS,)),
    Entry("统计", "report_list", CHART, (Permission.READ_FIGURES,)),
    Entry("名单", "roster", PEOPLE, (Permission.READ_RECORDS,)),
)
# What is a person's own: on a phone under 更多, on a wide screen reached from home and from his name.
OWN = (
    Entry("请假", "leave_list", "", (Permission.WRITE_PAPERS, Permission.DECIDE_LEAVE)),
    Entry("补学", "make_up_list", "", (Permission.WRITE_PAPERS, Permission.MANAGE_SESSIONS)),
    Entry("委托", "delegation_list", "", (Permission.DELEGATE, Permission.WRITE_PAPERS)),
    Entry("我的", "me", "", ()),
)
ON_THE_PHONE = 4


def navigation(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "without_navigation", False):
        return {}
    nav = [_item(request, entry) | {"rest": n >= ON_THE_PHONE} for n, entry in enumerate(_allowed(user, ENTRIES))]
    own = [_item(request, entry) for entry in _allowed(user, OWN)]
    return {"nav": nav, "nav_rest": [item for item in nav if item["rest"]], "nav_own": own}


def _allowed(user: Any, entries: Sequence[Entry]) -> list[Entry]:
    return [e for e in entries if not e.needs or any(user.authority.holds(p) for p in e.needs)]


def _item(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    address = reverse(entry.route)
    current = request.path == address if address == "/" else request.path.startswith(address)
    return {"label": entry.label, "address": address, "icon": entry.icon, "current": current}
