from accounts.models.authority import Appointment, Delegation, Membership
from accounts.models.imports import ImportBatch, ImportHeading
from accounts.models.organization import Organization, StudyGroup
from accounts.models.reminder import Reminder, ReminderLine
from accounts.models.user import User

__all__ = [
    "Appointment",
    "Delegation",
    "ImportBatch",
    "ImportHeading",
    "Membership",
    "Organization",
    "Reminder",
    "ReminderLine",
    "StudyGroup",
    "User",
]
