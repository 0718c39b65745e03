"""What all papers share: the marks of what is missing, and how an office writes days, names and numbers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from sessions_app.models import AgendaItem, StudySession
from sessions_app.statistics import Line

Block = dict[str, Any]
NUMERALS = "一二三四五六七八九十"
SHORT = 36  # characters that still go on the line of their heading
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Gap:
    """待补: what a paper still lacks, and the page with the field for it."""

    label: str
    address: str = ""


@dataclass
class Written:
    """One paper: its title (lines may be broken), its blocks, and what it still lacks. Nothing is ever invented."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    _section: int = 0

    def need(self, value: str, gap: Gap) -> str:
        """The value, or a mark in its place."""
        if value.strip():
            return value
        if gap not in self.gaps:
            self.gaps.append(gap)
        return f"〔待补：{gap.label}〕"

    def say(self, text: str) -> None:
        self.blocks += [{"type": "paragraph", "text": line.strip()} for line in text.splitlines() if line.strip()]

    def section(self, heading: str, text: str = "") -> None:
        """A heading of the first level with the next number, and its text: behind it when short, below otherwise."""
        self._section += 1
        label = f"{numeral(self._section)}、{heading}"
        if text and "\n" not in text.strip() and len(text) <= SHORT:
            self.blocks.append({"type": "clause", "label": label, "text": text.strip()})
            return
        self.blocks.append({"type": "heading", "text": label})
        self.say(text)

    def facts(self, *rows: Iterable[str], **layout: Any) -> None:
        self.blocks.append({"type": "facts", "rows": [list(row) for row in rows], **layout})

    def table(self, head: list[str], rows: list[list[str]], widths: list[float], **facts: Any) -> None:
        self.blocks.append({"type": "table", "head": head, "rows": rows, "widths": widths, **facts})

    def sign(self, *lines: str) -> None:
        self.blocks.append({"type": "sign", "lines": list(lines)})


def numeral(number: int) -> str:
    """一 … 九十九."""
    tens, ones = divmod(number, 10)
    if number <= 10:
        return NUMERALS[number - 1]
    return (NUMERALS[tens - 1] if tens > 1 else "") + "十" + (NUMERALS[ones - 1] if ones else "")


def day(value: date | None) -> str:
    """Without leading zeros."""
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def moment(value: datetime | None) -> str:
    local = timezone.localtime(value) if value else None
    return f"{day(local)} {local:%H:%M}" if local else ""


def when(session: StudySession) -> str:
    """2020年5月15日（星期五）9:00至11:00."""
    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    until = f"{end.hour}:{end:%M}" if start.date() == end.date() else moment(session.ends_at)
    return f"{day(start)}（星期{WEEKDAYS[start.weekday()]}）{start.hour}:{start:%M}至{until}"


def ordinal(session: StudySession) -> str:
    return f"{session.serial_year}年第{session.serial}次学习" if session.serial else "学习"


def place_of(session: StudySession) -> str:
    parts = [session.place.strip(), str(session.site) if session.site else "", "（线上）" if session.is_online else ""]
    return "　".join(part for part in parts if part)


def heading_of(session: StudySession, what: str, before: str = "") -> str:
    """The group's name on the first line, this session and the kind of paper on the second."""
    return f"{before}{session.group.name}\n{ordinal(session)}{what}"


def names(lines: Iterable[Line]) -> str:
    return "、".join(line.participant.person.name for line in lines)


def speaker_of(item: AgendaItem) -> str:
    return item.speaker.name if item.speaker else item.speaker_name


def away_gap(session: StudySession, called: str, name: str) -> Gap:
    """Somebody the agenda lets speak who was not there."""
    return Gap(f"{called}{name}未到，请改议程", f"{reverse('session_detail', args=[session.pk])}#agenda")


def host_of(session: StudySession, *, is_away: bool) -> tuple[str, Gap]:
    """Who presided, and the gap when nobody is named or he who is named was not there."""
    if session.host and is_away:
        return "", Gap(f"主持人{session.host.name}未到，请改主持人", reverse("session_detail", args=[session.pk]))
    return str(session.host or ""), fact_gap(session, "主持人", "host")


# -- where what is missing is filled in ---------------------------------------


def fact_gap(session: StudySession, label: str, name: str) -> Gap:
    """A fact of the session itself; once the session is over it is completed on the page of its record."""
    page = "session_record" if session.is_held else "session_edit"
    return Gap(label, f"{reverse(page, args=[session.pk])}#id_{name}")


def record_gap(session: StudySession, label: str, name: str) -> Gap:
    return Gap(label, f"{reverse('session_record', args=[session.pk])}#id_{name}")


def agenda_gap(session: StudySession) -> Gap:
    page = "session_detail" if session.is_held else "session_edit"
    return Gap("议程", f"{reverse(page, args=[session.pk])}#agenda")


def people_gap(session: StudySession) -> Gap:
    return Gap("参加人员", reverse("session_participants", args=[session.pk]))


def register_gap(session: StudySession, label: str = "签到登记") -> Gap:
    return Gap(label, reverse("register", args=[session.pk]))
