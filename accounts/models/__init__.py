from accounts.models.authority import Appointment, Delegation, Membership
from accounts.models.organization import Organization, StudyGroup
from accounts.models.user import User

__all__ = ["Appointment", "Delegation", "Membership", "Organization", "StudyGroup", "User"]
