"""成果转化登记 as an Excel workbook."""

from collections.abc import Sequence
from datetime import date

from materials.models import Outcome
from studygroup.lib.office.excel import Sheet, workbook_bytes

HEAD = (
    *("序号", "调研报告", "撰稿人", "建议", "采纳的文件或会议", "采纳日期"),
    *("措施", "责任单位或责任人", "期限", "结果", "办结日期", "状态"),
)
WIDTHS = (5, 28, 10, 30, 22, 12, 30, 16, 12, 30, 12, 9)


def outcome_register(title: str, outcomes: Sequence[Outcome], today: date) -> bytes:
    """`outcomes` come with their report, its author and the owner."""
    rows = [[number, *_cells(outcome, today)] for number, outcome in enumerate(outcomes, 1)]
    note = f"共 {len(rows)} 项，导出于 {today}。"
    return workbook_bytes([Sheet("成果转化登记", title, HEAD, rows, WIDTHS, note)])


def _cells(outcome: Outcome, today: date) -> list[object]:
    return [
        outcome.submission.review.title,
        outcome.submission.author.name,
        outcome.suggestion,
        outcome.adopted_in,
        outcome.adopted_on.isoformat(),
        outcome.measure,
        outcome.who,
        str(outcome.due_on or ""),
        outcome.result,
        str(outcome.done_on or ""),
        outcome.standing(today)[0],
    ]
