from reports.models.correction import CorrectionRequest
from reports.models.year_report import YearReport

__all__ = ["CorrectionRequest", "YearReport"]
