from reports.forms.year_report import MakeReportForm

__all__ = ["MakeReportForm"]
