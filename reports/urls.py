from django.urls import path

from reports.views import attendance, dossier, job, report, study_file

urlpatterns = [
    path("", report.report_list, name="report_list"),
    path("make/", report.report_make, name="report_make"),
    path("attendance/", attendance.attendance_list, name="attendance_list"),
    path("attendance/workbook/", attendance.attendance_workbook, name="attendance_workbook"),
    path("attendance/people/<int:pk>/", attendance.attendance_person, name="attendance_person"),
    path("<int:pk>/", report.report_detail, name="report_detail"),
    path("<int:pk>/workbook/", report.report_workbook, name="report_workbook"),
    path("<int:pk>/<slug:code>/", report.report_figure, name="report_figure"),
]

study_file_urlpatterns = [
    path("study-files/", study_file.study_file_list, name="study_file_list"),
    path("study-files/mine/", study_file.study_file_own, name="study_file_own"),
    path("study-files/<int:pk>/", study_file.study_file, name="study_file"),
    path("study-files/<int:pk>/word/", study_file.study_file_document, name="study_file_document"),
    path("study-files/<int:pk>/correct/", study_file.correction_ask, name="correction_ask"),
    path("corrections/", study_file.correction_list, name="correction_list"),
    path("corrections/<int:pk>/", study_file.correction_answer, name="correction_answer"),
]

job_urlpatterns = [
    path("<int:pk>/", job.job_detail, name="job_detail"),
    path("<int:pk>/progress/", job.job_progress, name="job_progress"),
]

dossier_urlpatterns = [
    path("", dossier.dossier_list, name="dossier_list"),
    path("make/", dossier.dossier_make, name="dossier_make"),
    path("<int:pk>/", dossier.dossier_detail, name="dossier_detail"),
    path("<int:pk>/add/", dossier.dossier_add, name="dossier_add"),
    path("<int:pk>/waive/", dossier.dossier_waive, name="dossier_waive"),
    path("<int:pk>/need/", dossier.dossier_need_again, name="dossier_need_again"),
    path("<int:pk>/archive/", dossier.dossier_archive, name="dossier_archive"),
    path("files/<int:pk>/", dossier.dossier_file, name="dossier_file"),
    path("files/<int:pk>/remove/", dossier.dossier_file_remove, name="dossier_file_remove"),
]
