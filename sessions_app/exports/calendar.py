"""Sessions as a calendar file (RFC 5545). It names nobody: a feed's address may be known to a phone's maker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from icalendar import Calendar, Event, Timezone, TimezoneStandard

CHINA = "Asia/Shanghai"
PRODUCT = "-//studygroup//theory study group//ZH"
UNCHANGED_SINCE = datetime(1991, 9, 15)  # the last day of summer time in China
REFRESH = timedelta(hours=6)


@dataclass(frozen=True)
class Entry:
    """One session as its reader's calendar shows it."""

    pk: int
    version: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    notes: Sequence[str]
    address: str
    is_draft: bool = False


def calendar_file(entries: Sequence[Entry], *, at: datetime, host: str, name: str = "") -> bytes:
    """The file; `host` makes the entries' ids the world's own."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add_component(_china())
    for entry in entries:
        calendar.add_component(_event(entry, at, host))
    return calendar.to_ical()


def _china() -> Timezone:
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", CHINA)
    standard.add("dtstart", UNCHANGED_SINCE)
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(entry: Entry, at: datetime, host: str) -> Event:
    event = Event()
    event.add("uid", f"session-{entry.pk}@{host}")
    event.add("dtstamp", at)
    event.add("sequence", entry.version)
    event.add("summary", entry.title)
    event.add("dtstart", timezone.localtime(entry.starts_at))
    event.add("dtend", timezone.localtime(entry.ends_at))
    event.add("location", entry.place)
    event.add("description", "\n".join(filter(None, entry.notes)))
    event.add("url", entry.address)
    event.add("status", "TENTATIVE" if entry.is_draft else "CONFIRMED")
    return event
