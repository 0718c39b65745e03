from reports.statistics.evidence import EvidenceRow, EvidenceTable, evidence_tables, left_out_rows, rows_of
from reports.statistics.figures import CODES, Evidence, Figure, LeftOut, year_figures
from reports.statistics.sources import SOURCES

__all__ = [
    "CODES",
    "SOURCES",
    "Evidence",
    "EvidenceRow",
    "EvidenceTable",
    "Figure",
    "LeftOut",
    "evidence_tables",
    "left_out_rows",
    "rows_of",
    "year_figures",
]
