from sessions_app.urls import attendance, case_study, leave, lecture, make_up, plan, rule, session

urlpatterns = [
    *plan.urlpatterns,
    *session.urlpatterns,
    *attendance.urlpatterns,
    *leave.urlpatterns,
    *make_up.urlpatterns,
    *lecture.urlpatterns,
    *case_study.urlpatterns,
    *rule.urlpatterns,
]
