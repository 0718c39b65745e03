"""Which standards hold for a group in a year: its own rows, or the shipped ones while it has none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sessions_app.models import StudyRule
from sessions_app.models.rule import RulePeriod

SINCE = 2017  # of the study rules: what is shipped holds for every year on record
REGULATION = "《中国共产党党委（党组）理论学习中心组学习规则》"


@dataclass(frozen=True)
class Shipped:
    """A rule every group starts with; a province or town changes it in its row."""

    measure: str
    period: RulePeriod
    minimum: int
    basis: str = ""
    due_month: int | None = None
    due_day: int | None = None


SHIPPED_RULES = (
    Shipped("collective_study", RulePeriod.QUARTER, 1, REGULATION),
    Shipped("concentrated_study", RulePeriod.MONTH, 1, "月月有安排、次次有主题"),
    Shipped("attendance_rate", RulePeriod.YEAR, 90, "学习考勤制度"),
    Shipped("research_report", RulePeriod.YEAR, 2, "“1112”工程"),
    Shipped("book_read", RulePeriod.QUARTER, 1, "“1112”工程"),
    Shipped("field_visit", RulePeriod.MONTH, 1, "“1112”工程"),
    Shipped("study_hours", RulePeriod.DAY, 1, "“1112”工程"),
    Shipped("plan_filed", RulePeriod.YEAR, 1, "年度学习计划报上级备案", 1, 31),
    Shipped("year_report_filed", RulePeriod.YEAR, 1, "上年度学习情况报上级", 1, 31),
    Shipped("lecture_lead_days", RulePeriod.YEAR, 3, "报告会、授课前置审批"),
    Shipped("observation_notice_days", RulePeriod.YEAR, 2, "列席旁听制度"),
)


@dataclass(frozen=True)
class Standard:
    """What a group is asked in a year. `row` is the id of its row, None while the shipped rule holds."""

    group_id: int
    measure: str
    period: str
    minimum: int
    due_month: int | None
    due_day: int | None
    is_active: bool
    basis: str
    from_year: int
    row: int | None = None
    version: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.measure, self.period


def standards_of(group_ids: Iterable[int], year: int) -> dict[int, list[Standard]]:
    """Per group what holds in the year, switched-off ones included: of each measure and period the latest row that
    has begun by then. One statement."""
    wanted = list(group_ids)
    found: dict[int, dict[tuple[str, str], Standard]] = {group_id: {} for group_id in wanted}
    has_rows = set()
    for row in StudyRule.objects.filter(group__in=wanted).order_by("from_year"):
        has_rows.add(row.group_id)
        if row.from_year <= year:
            standard = _of_row(row)
            found[row.group_id][standard.key] = standard
    for group_id in wanted:
        if group_id not in has_rows:
            found[group_id] = {s.key: s for s in (_of_shipped(group_id, shipped) for shipped in SHIPPED_RULES)}
    order = {shipped.measure: place for place, shipped in enumerate(SHIPPED_RULES)}
    return {
        group_id: sorted(rows.values(), key=lambda s: (order.get(s.measure, len(order)), s.measure, s.period))
        for group_id, rows in found.items()
    }


def _of_row(row: StudyRule) -> Standard:
    return Standard(
        row.group_id,
        row.measure,
        row.period,
        row.minimum,
        row.due_month,
        row.due_day,
        row.is_active,
        row.basis,
        row.from_year,
        row.pk,
        row.version,
    )


def _of_shipped(group_id: int, rule: Shipped) -> Standard:
    return Standard(
        group_id,
        rule.measure,
        rule.period,
        rule.minimum,
        rule.due_month,
        rule.due_day,
        True,
        rule.basis,
        SINCE,
    )


def rows_for(group_id: int, rules: Sequence[Shipped] = SHIPPED_RULES) -> list[StudyRule]:
    """Unsaved rows of the shipped rules for a group."""
    return [
        StudyRule(
            group_id=group_id,
            measure=rule.measure,
            period=rule.period,
            from_year=SINCE,
            minimum=rule.minimum,
            due_month=rule.due_month,
            due_day=rule.due_day,
            basis=rule.basis,
        )
        for rule in rules
    ]
