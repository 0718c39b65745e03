"""Years and days as an office in China counts them (Asia/Shanghai), over times stored in UTC."""

from datetime import date, datetime, time

from django.utils import timezone


def start_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """First instant of the local year and first instant of the next one."""
    return start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))


def local_date(moment: datetime) -> date:
    return timezone.localtime(moment).date()
