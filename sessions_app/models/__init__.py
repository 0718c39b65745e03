from sessions_app.models.attendance import Attendance, SignInAttempt
from sessions_app.models.calendar import CalendarFeed
from sessions_app.models.case_study import CaseStudy
from sessions_app.models.dossier import DossierWaiver, SessionFile
from sessions_app.models.filing import Filing
from sessions_app.models.leave import LeaveRequest
from sessions_app.models.lecture import Lecture, LectureFile, Lecturer
from sessions_app.models.make_up import MakeUpStudy
from sessions_app.models.observation import Observation, ObservationProblem
from sessions_app.models.plan import AnnualPlan, MonthlyPlan, PlanItem
from sessions_app.models.rule import StudyRule
from sessions_app.models.session import AgendaItem, Participant, SessionKind, SessionSeries, Site, StudySession

__all__ = [
    "AgendaItem",
    "AnnualPlan",
    "Attendance",
    "CalendarFeed",
    "CaseStudy",
    "DossierWaiver",
    "Filing",
    "LeaveRequest",
    "Lecture",
    "LectureFile",
    "Lecturer",
    "MakeUpStudy",
    "MonthlyPlan",
    "Observation",
    "ObservationProblem",
    "Participant",
    "PlanItem",
    "SessionFile",
    "SessionKind",
    "SessionSeries",
    "SignInAttempt",
    "Site",
    "StudyRule",
    "StudySession",
]
