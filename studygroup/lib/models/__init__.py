from studygroup.lib.models.audit import AuditEntry, AuditSeal
from studygroup.lib.models.job import Heartbeat, Job

__all__ = ["AuditEntry", "AuditSeal", "Heartbeat", "Job"]
