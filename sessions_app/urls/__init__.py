from sessions_app.urls import (
    attendance,
    case_study,
    filing,
    leave,
    lecture,
    make_up,
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
    *leave.urlpatterns,
    *make_up.urlpatterns,
    *lecture.urlpatterns,
    *case_study.urlpatterns,
    *rule.urlpatterns,
    *site.urlpatterns,
]
