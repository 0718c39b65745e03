"""登记 of papers as an Excel workbook, with the columns offices keep."""

from collections.abc import Mapping, Sequence
from datetime import date

from materials.models.paper_kind import RESEARCH_REPORT, SPEECH
from materials.statistics.registers import PaperLine
from studygroup.lib.office.excel import Sheet, workbook_bytes

TEXT_HEAD = ("序号", "姓名", "职务", "题目", "专题", "字数", "提交", "是否按时", "审核", "刊发")
TEXT_WIDTHS = (6, 10, 20, 36, 30, 8, 12, 11, 20, 22)
REPORT_HEAD = (
    *("序号", "课题", "选题审定", "负责人", "参与人", "调研时间地点"),
    *("完成", "字数", "审核", "成果转化", "刊发"),
)
REPORT_WIDTHS = (6, 34, 26, 10, 16, 22, 12, 8, 20, 34, 22)
LEDGER_HEAD = (
    *("序号", "标题", "撰稿人", "职务", "用途", "主题", "提交时间", "字数"),
    *("初审意见、签名、日期", "复审意见、签名、日期", "把关意见、签名、日期", "退回次数", "修改说明", "定稿版本"),
)
LEDGER_WIDTHS = (5, 24, 9, 14, 12, 16, 11, 6, 18, 18, 18, 6, 26, 14)
LEDGER = "两审一把关台账"


def paper_register(prefix: str, lines: Sequence[PaperLine], kinds: Mapping[str, str], day: date) -> bytes:
    """One sheet for each of the `kinds` (slug → name), and the ledger of the reviews over all of them."""
    sheets = [
        _sheet(slug, name, prefix, [line for line in lines if line.kind == slug], day) for slug, name in kinds.items()
    ]
    if list(kinds) != [SPEECH]:  # whose own register is this very table
        sheets.append(_ledger(LEDGER, prefix, lines, day))
    return workbook_bytes(sheets)


def _sheet(slug: str, name: str, prefix: str, lines: Sequence[PaperLine], day: date) -> Sheet:
    register = f"{name}登记"
    if slug == SPEECH:
        return _ledger(register, prefix, lines, day)
    note = _note(lines, day)
    if slug == RESEARCH_REPORT:
        reports = [[number, *_report(line)] for number, line in enumerate(lines, 1)]
        return Sheet(register, f"{prefix}{register}", REPORT_HEAD, reports, REPORT_WIDTHS, note)
    rows = [[number, *_text(line)] for number, line in enumerate(lines, 1)]
    return Sheet(register, f"{prefix}{register}", TEXT_HEAD, rows, TEXT_WIDTHS, note)


def _text(line: PaperLine) -> list[object]:
    told = [line.author, line.author_title, line.title, line.topic, line.words, line.handed_in]
    return [*told, line.on_time, line.standing, line.published]


def _report(line: PaperLine) -> list[object]:
    """参与人 are written in by hand: nobody is asked for them elsewhere."""
    told = [line.title, line.asked, line.author, "", line.field, line.written_on.isoformat(), line.words]
    return [*told, line.standing, line.outcomes, line.published]


def _ledger(name: str, prefix: str, lines: Sequence[PaperLine], day: date) -> Sheet:
    rows = [
        [
            *(number, line.title, line.author, line.author_title, line.purpose, line.topic, line.handed_in, line.words),
            *(*line.opinions, line.returns, line.answers, line.final),
        ]
        for number, line in enumerate(lines, 1)
    ]
    return Sheet(name, f"{prefix}{name}", LEDGER_HEAD, rows, LEDGER_WIDTHS, _note(lines, day))


def _note(lines: Sequence[PaperLine], day: date) -> str:
    return f"共 {len(lines)} 篇，只列已提交的；导出于 {day}。"
