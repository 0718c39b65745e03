"""What became of the first town's research reports of 2020: adopted, assigned, and all but one carried out."""

from dataclasses import dataclass
from datetime import date, timedelta

from materials.actions.outcome import add_outcome
from materials.models import Outcome, Submission
from studygroup.demo.town import Town, on_day
from studygroup.lib.clock import local_date


@dataclass(frozen=True)
class Adopted:
    """`report` is a word of the report's title, `owner` the name of an account without the town's prefix."""

    report: str
    suggestion: str
    adopted_in: str
    on: str
    measure: str
    owner: str
    due: str
    result: str
    done: str


ADOPTED = (
    Adopted(
        "闲置宅基地",
        "摸清全镇闲置宅基地底数，一村一册。",
        "镇党委会会议纪要（2020年第16期）",
        "2020-09-25",
        "工作区牵头，各村逐户登记，年底建册。",
        "deputy",
        "2020-12-20",
        "12个村完成登记，建册311处，其中可盘活86处。",
        "2020-12-18",
    ),
    Adopted(
        "滩汪湖",
        "示范基地与周边农户签订用工和收购协议。",
        "镇党委、镇政府《2020年产业项目推进方案》",
        "2020-06-05",
        "农业办与基地商定协议文本，优先用脱贫户。",
        "m3",
        "2020-09-30",
        "签订用工协议64份、收购协议41份。",
        "2020-09-21",
    ),
    Adopted(
        "人居环境整治",
        "建立保洁员“月检查、季评比”办法。",
        "镇长办公会（2020年7月10日）",
        "2020-07-10",
        "社会事务办制定办法，8月起执行。",
        "m4",
        "2020-08-31",
        "办法已印发执行，每月通报一次检查情况。",
        "2020-08-28",
    ),
    Adopted(
        "小微权力",
        "村级小微权力清单上墙公开，流程图发到户。",
        "镇纪委《关于规范村级小微权力运行的通知》",
        "2020-06-18",
        "纪委审定清单，各村在公开栏公布。",
        "m2",
        "2020-07-31",
        "全部行政村已公开，接受群众查询。",
        "2020-07-30",
    ),
)


def carry_out(town: Town) -> None:
    for row in ADOPTED:
        report = _report(town, row.report)
        outcome = Outcome(
            group=town.group,
            submission=report,
            suggestion=row.suggestion,
            adopted_in=row.adopted_in,
            adopted_on=date.fromisoformat(row.on),
            measure=row.measure,
            owner=town.user(row.owner),
            due_on=date.fromisoformat(row.due),
            result=row.result,
            done_on=date.fromisoformat(row.done),
        )
        at = on_day(date.fromisoformat(row.done), 16)
        add_outcome(outcome, by=town.on("clerk", at), at=at)
    _under_way(town)


def _under_way(town: Town) -> None:
    """One of this year, past its day: a task for the home pages of its owner and of the office."""
    today = local_date(town.now)
    outcome = Outcome(
        group=town.group,
        submission=_report(town, "四好农村路"),
        suggestion="农村公路日常管护经费列入镇级预算，明确到段。",
        adopted_in="镇党委会",
        adopted_on=today - timedelta(days=75),
        measure="财政所测算经费，交通岗位划定管护路段和责任人。",
        owner=town.user("m3"),
        due_on=today - timedelta(days=5),
    )
    add_outcome(outcome, by=town.on("clerk", town.now), at=town.now - timedelta(days=70))


def _report(town: Town, word: str) -> Submission:
    reports = Submission.objects.filter(group=town.group, review__state="approved", kind="research_report")
    return reports.in_year(2020).filter(title__contains=word).earliest("written_on")
