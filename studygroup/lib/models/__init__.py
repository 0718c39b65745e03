from studygroup.lib.models.audit import AuditEntry, AuditSeal
from studygroup.lib.models.job import Heartbeat, Job
from studygroup.lib.models.receipt import FormReceipt
from studygroup.lib.models.stored_file import StoredFile

__all__ = ["AuditEntry", "AuditSeal", "FormReceipt", "Heartbeat", "Job", "StoredFile"]
