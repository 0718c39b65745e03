"""A session in words and dots: its state, and what is to be done next by whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from sessions_app.models import Attendance, LeaveRequest, StudySession
from sessions_app.models.attendance import AttendanceStatus
from sessions_app.models.session import RUNNING_LABEL, SessionState

STATE_TONES = {
    SessionState.DRAFT: "off",
    SessionState.CALLED: "plain",
    SessionState.CLOSED: "good",
    SessionState.ARCHIVED: "good",
}
STATUS_TONES = {
    AttendanceStatus.PRESENT: "good",
    AttendanceStatus.LATE: "wait",
    AttendanceStatus.LEAVE: "off",
    AttendanceStatus.ABSENT: "bad",
}
STATUS_LABELS = dict(AttendanceStatus.choices)


@dataclass(frozen=True)
class ShownState:
    """A session's state as people say it. 进行中 is nobody's button: it follows from the clock."""

    label: str
    tone: str


def state_of(session: StudySession, at: datetime) -> ShownState:
    if session.is_running_at(at):
        return ShownState(RUNNING_LABEL, "wait")
    return ShownState(session.get_state_display(), STATE_TONES[SessionState(session.state)])


@dataclass(frozen=True)
class Next:
    """The one thing to do now: a link, or a button when `posts`. Without an address it is only told."""

    label: str
    address: str = ""
    note: str = ""
    posts: bool = False


@dataclass(frozen=True)
class Stage:
    """A dot of the office's six stages, as the component `steps` draws it."""

    label: str
    state: str

    detail = ""

    @property
    def shape(self) -> str:
        return {"done": "●", "now": "◉", "todo": "○"}[self.state]

    @property
    def word(self) -> str:
        return {"done": "（已完成）", "now": "（现在）", "todo": "（以后）"}[self.state]


def minutes_told(session: StudySession, minutes: Iterable[int | None]) -> dict[str, int]:
    """How long the agenda is against the session: a hint, never a refusal."""
    planned = sum(filter(None, minutes))
    length = int((session.ends_at - session.starts_at).total_seconds() // 60)
    return {"planned_minutes": planned, "session_minutes": length, "over_minutes": planned - length}


def gaps_of(session: StudySession, lines: Sequence[Any]) -> list[Next]:
    """What a notice cannot do without."""
    edit = reverse("session_edit", args=[session.pk])
    gaps = []
    if not session.place.strip():
        gaps.append(Next("地点", f"{edit}#id_place"))
    if not session.kinds.all():
        gaps.append(Next("学习形式", f"{edit}#div_id_kinds"))
    if not lines:
        gaps.append(Next("参加人员", reverse("session_participants", args=[session.pk])))
    return gaps


def before_calling(session: StudySession, people: int, lecture_waits: bool) -> str:
    """What 通知 will do, and what is still open; asked before it is done."""
    when = date_format(timezone.localtime(session.starts_at), "n月j日 H:i")
    open_points = ["" if session.host_id else "主持人还没有定。", "授课、报告会还没有批准。" if lecture_waits else ""]
    return f"通知 {people} 人：{when}，{session.place}。{''.join(open_points)}通知后不能再删除。现在通知吗？"


def stage_of(session: StudySession, gaps: Sequence[Next], now: datetime) -> int:
    if session.is_draft:
        return 0 if gaps else 1
    if session.is_called:
        return 3 if now > session.ends_at else 2
    if session.is_archived:
        return 6
    return 5 if session.record else 4


def stages_of(stage: int) -> list[Stage]:
    labels = ("补全", "通知", "签到登记", "结束", "学习记录", "归档")
    return [Stage(label, "done" if n < stage else "now" if n == stage else "todo") for n, label in enumerate(labels)]


def office_next(session: StudySession, gaps: Sequence[Next], now: datetime) -> Next:
    def page(name: str) -> str:
        return reverse(name, args=[session.pk])

    if gaps:
        missing = "、".join(gap.label for gap in gaps)
        return Next(f"填写{gaps[0].label}", gaps[0].address, f"通知前还缺：{missing}。")
    if session.is_draft:
        return Next("通知参加人员", page("session_call"), "通知后，参加人员可以看到这次学习、请假和签到。", posts=True)
    if session.is_called and now < session.sign_in_opens_at:
        opens = timezone.localtime(session.sign_in_opens_at)
        return Next(
            "打印签到表", page("sign_in_sheet"), f"已通知。{date_format(opens, 'n月j日 H:i')} 开始签到，届时可投屏。"
        )
    if session.is_called and now <= session.ends_at:
        return Next("投屏签到", page("screen"), "把二维码和六位数字投到会场屏幕；没有手机的在“会务台”里代录。")
    if session.is_called:
        return Next("结束学习", page("session_close"), "学习已到结束时间。请核对登记，没有登记的逐一说明。")
    if not session.record:
        return Next("写学习记录", page("session_record"), "已结束，还差学习记录。")
    if session.is_archived:
        return Next("", note="已归档，不再改动。")
    return Next("归档…", page("session_archive"), "签到登记和学习记录都已完成。材料收齐后归档。")


def own_next(session: StudySession, row: Attendance | None, leave: LeaveRequest | None, now: datetime) -> Next | None:
    """What the participant himself can do now."""
    if session.is_draft or (row is not None and row.attended):
        return None
    if session.is_held:
        return None
    if now > session.sign_in_closes_at:
        return Next("", note="签到时间已过。如已到会，请找会务人员登记。")
    if now >= session.sign_in_opens_at:
        note = "如已到会，仍可签到。" if row else "扫描会场屏幕上的二维码，或输入六位数字。"
        return Next("签到", reverse("sign_in", args=[session.pk]), note)
    opens = date_format(timezone.localtime(session.sign_in_opens_at), "n月j日 H:i")
    if leave is None:
        return Next("", note=f"{opens} 开始签到，届时扫描会场屏幕上的二维码。")
    return Next("", note=f"{opens} 开始签到。")


def days_told(days: int) -> str:
    """“还有 3 天” until a due date, “已超期 2 天” after it."""
    if days < 0:
        return f"已超期 {-days} 天"
    return f"还有 {days} 天" if days else "今天到期"
