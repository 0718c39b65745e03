from django.urls import path

from sessions_app.views import case_study

urlpatterns = [
    path("cases/", case_study.case_study_list, name="case_study_list"),
    path("cases/new/", case_study.case_study_new, name="case_study_new"),
    path("cases/<int:pk>/", case_study.case_study_detail, name="case_study_detail"),
    path("cases/<int:pk>/edit/", case_study.case_study_edit, name="case_study_edit"),
    path("cases/<int:pk>/close/", case_study.case_study_close, name="case_study_close"),
    path("cases/<int:pk>/remove/", case_study.case_study_remove, name="case_study_remove"),
]
