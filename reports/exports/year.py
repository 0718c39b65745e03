"""The year's workbook: the figures first, then the rows behind them. Dataclasses in, bytes out."""

from collections.abc import Sequence

from reports.statistics import EvidenceRow, EvidenceTable, Figure
from reports.statistics.attendance import COLUMNS, FORMULA, AttendanceTable
from studygroup.lib.office.excel import Sheet, workbook_bytes

FIGURES_SHEET = "年度统计"
LEFT_OUT_SHEET = "未计入"


def year_workbook(
    *,
    title: str,
    made: str,
    figures: Sequence[Figure],
    tables: Sequence[EvidenceTable],
    left_out: Sequence[tuple[str, EvidenceRow]],
) -> bytes:
    """`made` says when and by whom; `left_out` pairs a figure's label with a row that did not count."""
    return workbook_bytes(
        [_figures(title, made, figures), *(_evidence(title, table) for table in tables), _left_out(title, left_out)]
    )


def attendance_workbook(title: str, table: AttendanceTable) -> bytes:
    """考勤统计 with the columns an office keeps, in the order of the roster."""
    columns = table.columns
    head = ["序号", "姓名", "职务", *(COLUMNS[c] for c in columns), "出勤率", "补学后参学率"]
    rows: list[list[object]] = [
        [number, line.name, line.title, *(line.counts[c] for c in columns), line.attendance_rate, line.study_rate]
        for number, line in enumerate(table.lines, start=1)
    ]
    total = table.total
    rows.append(["", total.name, "", *(total.counts[c] for c in columns), total.attendance_rate, total.study_rate])
    widths = [6, 12, 26, *(10 for _ in columns), 10, 14]
    return workbook_bytes([Sheet("考勤统计", title, head, rows, widths, FORMULA)])


def _figures(title: str, made: str, figures: Sequence[Figure]) -> Sheet:
    rows = [
        [
            number,
            figure.label,
            "" if figure.value is None else figure.value,
            figure.unit,
            figure.display,
            figure.numerator if figure.denominator else "",
            figure.denominator or "",
            len(figure.evidence.ids),
            figure.formula,
        ]
        for number, figure in enumerate(figures, start=1)
    ]
    head = ["序号", "项目", "数值", "单位", "对外表述", "计入数", "总数", "依据条数", "统计口径"]
    return Sheet(FIGURES_SHEET, title, head, rows, [6, 22, 10, 6, 12, 8, 8, 10, 70], made)


def _evidence(title: str, table: EvidenceTable) -> Sheet:
    head = ["序号", "日期", "名称", "类别", "人员", "说明", "计入"]
    rows = [[number, *_cells(row), labels] for number, (row, labels) in enumerate(table.rows, start=1)]
    return Sheet(table.name, f"{title}　{table.name}", head, rows, [6, 12, 50, 24, 26, 28, 30])


def _left_out(title: str, left_out: Sequence[tuple[str, EvidenceRow]]) -> Sheet:
    head = ["序号", "项目", "日期", "名称", "类别", "人员", "说明", "未计入的原因"]
    rows = [[number, label, *_cells(row), row.why] for number, (label, row) in enumerate(left_out, start=1)]
    return Sheet(LEFT_OUT_SHEET, f"{title}　未计入的记录", head, rows, [6, 20, 12, 50, 24, 26, 28, 30])


def _cells(row: EvidenceRow) -> list[str]:
    return [row.day.isoformat() if row.day else "", row.title, row.kinds, row.people, row.note]
