from django.urls import path

from sessions_app.views import lecture

urlpatterns = [
    path("lectures/", lecture.lecture_list, name="lecture_list"),
    path("lectures/new/", lecture.lecture_new, name="lecture_new"),
    path("lectures/of-case/<int:case>/", lecture.lecture_of_case, name="lecture_of_case"),
    path("lectures/<int:pk>/", lecture.lecture_detail, name="lecture_detail"),
    path("lectures/<int:pk>/edit/", lecture.lecture_edit, name="lecture_edit"),
    path("lectures/<int:pk>/submit/", lecture.lecture_submit, name="lecture_submit"),
]
