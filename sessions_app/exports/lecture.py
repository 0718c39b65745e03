"""报告会、授课前置审批台账 as an Excel workbook."""

from collections.abc import Iterable, Sequence

from studygroup.lib.office.excel import Sheet, workbook_bytes

HEAD: tuple[str, ...] = (
    "序号",
    "主办",
    "名称",
    "类别",
    "主题",
    "时间",
    "地点",
    "规模（人）",
    "主讲人",
    "单位",
    "职务",
    "政治面貌",
)
HEAD += (
    "资质",
    "所在单位意见",
    "提纲、讲稿",
    "涉外",
    "提交时间",
    "初审意见",
    "复审意见",
    "把关意见",
    "审批结果",
    "变更",
)
WIDTHS = (5, 16, 20, 9, 18, 12, 12, 7, 10, 14, 10, 9, 16, 10, 16, 5, 12, 16, 16, 16, 9, 14)


def lecture_register(title: str, rows: Iterable[Sequence[object]], note: str = "") -> bytes:
    """`rows` as `documents.lecture.register_cells` makes them: every cell but the number."""
    numbered = [(number, *row) for number, row in enumerate(rows, start=1)]
    return workbook_bytes([Sheet("报告会审批台账", title, HEAD, numbered, WIDTHS, note)])
