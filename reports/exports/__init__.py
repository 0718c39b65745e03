from reports.exports.year import FIGURES_SHEET, LEFT_OUT_SHEET, year_workbook

__all__ = ["FIGURES_SHEET", "LEFT_OUT_SHEET", "year_workbook"]
