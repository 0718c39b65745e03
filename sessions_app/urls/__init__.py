from sessions_app.urls import (
    attendance,
    calendar,
    case_study,
    filing,
    leave,
    lecture,
    make_up,
    observation,
    paperwork,
    plan,
    rule,
    series,
    session,
    site,
)

urlpatterns = [
    *attendance.urlpatterns,  # first: this is where everybody comes at once
    *plan.urlpatterns,
    *filing.urlpatterns,
    *session.urlpatterns,
    *paperwork.urlpatterns,
    *series.urlpatterns,
    *calendar.urlpatterns,
    *leave.urlpatterns,
    *make_up.urlpatterns,
    *observation.urlpatterns,
    *lecture.urlpatterns,
    *case_study.urlpatterns,
    *rule.urlpatterns,
    *site.urlpatterns,
]
