from django.contrib import admin
from django.utils import timezone

from sessions_app.models import AnnualPlan, Attendance, LeaveRequest, Lecture, MonthlyPlan, SessionKind, StudySession
from studygroup.lib import audit
from studygroup.lib.admin import ReadOnlyAdmin

for model in (AnnualPlan, MonthlyPlan, StudySession, Attendance, LeaveRequest, Lecture):
    admin.site.register(model, ReadOnlyAdmin)


@admin.register(SessionKind)
class SessionKindAdmin(admin.ModelAdmin):
    """学习形式 differ by province and town: the administrator adds and retires them; none is deleted."""

    list_display = ["label", "slug", "position", "is_active"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, obj, form, change) -> None:
        obj.save()
        audit.record("session_kind.save", target=obj, by=request.user, at=timezone.now(), label=obj.label)
