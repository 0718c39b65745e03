from sessions_app.urls import attendance, case_study, leave, lecture, plan, session

urlpatterns = [
    *plan.urlpatterns,
    *session.urlpatterns,
    *attendance.urlpatterns,
    *leave.urlpatterns,
    *lecture.urlpatterns,
    *case_study.urlpatterns,
]
