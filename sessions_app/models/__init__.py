from sessions_app.models.attendance import Attendance, SignInAttempt
from sessions_app.models.case_study import CaseStudy
from sessions_app.models.leave import LeaveRequest
from sessions_app.models.lecture import Lecture
from sessions_app.models.plan import AnnualPlan, MonthlyPlan, PlanItem
from sessions_app.models.session import AgendaItem, Participant, SessionKind, Site, StudySession

__all__ = [
    "AgendaItem",
    "AnnualPlan",
    "Attendance",
    "CaseStudy",
    "LeaveRequest",
    "Lecture",
    "MonthlyPlan",
    "Participant",
    "PlanItem",
    "SessionKind",
    "SignInAttempt",
    "Site",
    "StudySession",
]
