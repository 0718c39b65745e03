from django.urls import path

from reports.views import job, report

urlpatterns = [
    path("", report.report_list, name="report_list"),
    path("make/", report.report_make, name="report_make"),
    path("<int:pk>/", report.report_detail, name="report_detail"),
    path("<int:pk>/workbook/", report.report_workbook, name="report_workbook"),
    path("<int:pk>/<slug:code>/", report.report_figure, name="report_figure"),
]

job_urlpatterns = [
    path("<int:pk>/", job.job_detail, name="job_detail"),
    path("<int:pk>/progress/", job.job_progress, name="job_progress"),
]
