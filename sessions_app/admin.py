from django.contrib import admin

from sessions_app.models import (
    AnnualPlan,
    Attendance,
    LeaveRequest,
    Lecture,
    MonthlyPlan,
    SessionKind,
    Site,
    StudySession,
)
from studygroup.lib.admin import ReadOnlyAdmin, RecordedAdmin

for model in (AnnualPlan, MonthlyPlan, StudySession, Attendance, LeaveRequest, Lecture):
    admin.site.register(model, ReadOnlyAdmin)


@admin.register(SessionKind)
class SessionKindAdmin(RecordedAdmin):
    """学习形式 differ by province and town: the administrator adds and retires them."""

    list_display = ["label", "slug", "position", "is_active"]


@admin.register(Site)
class SiteAdmin(RecordedAdmin):
    list_display = ["name", "village", "group"]
    list_filter = ["group"]
