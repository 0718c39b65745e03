from reports.models.year_report import YearReport

__all__ = ["YearReport"]
