from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from studygroup.lib import audit
from studygroup.lib.models import AuditEntry, Job


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at rows that only an action may change."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RecordedAdmin(admin.ModelAdmin):
    """Reference rows the administrator keeps: every change is recorded, nothing is deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save()
        action = f"{obj._meta.model_name}.{'change' if change else 'create'}"
        after = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        audit.record(action, target=obj, by=request.user, at=timezone.now(), after=after)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "on_behalf_of", "action", "target_type", "target_id", "address"]
    list_select_related = ["actor", "on_behalf_of"]
    list_filter = ["action"]
    ordering = ["-pk"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "title", "state", "percent", "requested_by", "error"]
    list_filter = ["state"]
    ordering = ["-pk"]
