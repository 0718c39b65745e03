from django.urls import path

from sessions_app.views import lecture, lecture_file, lecture_list, lecture_papers, lecture_session, lecturer

urlpatterns = [
    path("lectures/", lecture_list.lecture_list, name="lecture_list"),
    path("lectures/register.xlsx", lecture_papers.lecture_register, name="lecture_register"),
    path("lectures/new/", lecture.lecture_new, name="lecture_new"),
    path("lectures/of-case/<int:case>/", lecture.lecture_of_case, name="lecture_of_case"),
    path("lectures/files/<int:pk>/", lecture_file.lecture_file, name="lecture_file"),
    path("lectures/files/<int:pk>/remove/", lecture_file.lecture_file_remove, name="lecture_file_remove"),
    path("lectures/<int:pk>/", lecture.lecture_detail, name="lecture_detail"),
    path("lectures/<int:pk>/edit/", lecture.lecture_edit, name="lecture_edit"),
    path("lectures/<int:pk>/submit/", lecture.lecture_submit, name="lecture_submit"),
    path("lectures/<int:pk>/discard/", lecture.lecture_discard, name="lecture_discard"),
    path("lectures/<int:pk>/restore/", lecture.lecture_restore, name="lecture_restore"),
    path("lectures/<int:pk>/session/", lecture_session.lecture_session, name="lecture_session"),
    path("lectures/<int:pk>/used/", lecture_file.lecture_used, name="lecture_used"),
    path("lectures/<int:pk>/form/", lecture_papers.lecture_form, name="lecture_form"),
    path("lectures/<int:pk>/form.docx", lecture_papers.lecture_form_word, name="lecture_form_word"),
    path("lecturers/", lecturer.lecturer_list, name="lecturer_list"),
    path("lecturers/new/", lecturer.lecturer_new, name="lecturer_new"),
    path("lecturers/<int:pk>/", lecturer.lecturer_detail, name="lecturer_detail"),
    path("lecturers/<int:pk>/edit/", lecturer.lecturer_edit, name="lecturer_edit"),
    path("lecturers/<int:pk>/remove/", lecturer.lecturer_remove, name="lecturer_remove"),
]
