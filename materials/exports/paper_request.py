"""布置材料 and 催交 as a workbook."""

from collections.abc import Sequence

from django.utils import timezone

from materials.statistics.paper_request import AskedLine
from studygroup.lib.office.excel import Sheet, workbook_bytes

HEAD = ["序号", "姓名", "职务", "类别", "题目", "截止", "提交时间", "是否按时", "状态", "免交原因"]
WIDTHS = [6, 10, 20, 14, 40, 12, 18, 12, 10, 24]
NOTE = "按首次提交时间算；同一次学习、同一类别的材料没有注明是哪次布置的，也算交了；草稿不算交。"


def asked_workbook(title: str, lines: Sequence[AskedLine]) -> bytes:
    rows = [[number, *_cells(line)] for number, line in enumerate(lines, start=1)]
    return workbook_bytes([Sheet("材料", title, HEAD, rows, WIDTHS, NOTE)])


def _cells(line: AskedLine) -> list[str]:
    request, received = line.row.request, line.paper.received_at if line.paper else None
    return [
        line.row.person.name,
        line.row.title,
        request.kind_name,
        request.title,
        request.due_on.isoformat(),
        f"{timezone.localtime(received):%Y-%m-%d %H:%M}" if received else "",
        line.punctual,
        line.state[0],
        line.row.excused_reason,
    ]
