"""Set-up by the administrator: units, groups, accounts, appointments. Each change goes through its action."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils import timezone

from accounts.actions import organizations, people
from accounts.models import Appointment, Delegation, Membership, Organization, StudyGroup, User
from accounts.models.user import pinyin_key
from studygroup.lib import audit
from studygroup.lib.admin import ReadOnlyAdmin

admin.site.unregister(Group)  # authority is in appointments, not in Django's groups


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):
    list_display = ["name", "short_name", "level", "parent"]
    list_filter = ["level"]
    search_fields = ["name"]
    readonly_fields = ["path"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["path", "parent"] if obj else ["path"]  # a unit stays where it is in the tree

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now = timezone.now()
        if change:
            obj.save()
            audit.record("organization.change", target=obj, by=request.user, at=now, name=obj.name)
            return
        made = organizations.create_organization(
            name=obj.name, short_name=obj.short_name, level=obj.level, parent=obj.parent, by=request.user, at=now
        )
        obj.pk, obj.path = made.pk, made.path


@admin.register(StudyGroup)
class StudyGroupAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "organization"]
    search_fields = ["name", "slug"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save()
        if not change:
            organizations.furnish_group(obj)
        action = "study_group.change" if change else "study_group.create"
        detail = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        audit.record(action, target=obj, by=request.user, at=timezone.now(), group_id=obj.pk, **detail)


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["username", "name"]


@admin.register(User)
class PersonAdmin(UserAdmin):
    add_form = NewUserForm
    add_form_template = None
    list_display = ["name", "username", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["username", "name", "name_key"]
    ordering = ["name_key"]
    filter_horizontal: list[str] = []
    fieldsets = [
        (None, {"fields": ["username", "password", "name", "phone"]}),
        ("账号", {"fields": ["is_active", "is_superuser", "must_change_password", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "name", "password1", "password2"]})]
    readonly_fields = ["last_login"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # his name stays on what he signed; switch “可以登录” off instead

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.name_key = pinyin_key(obj.name)
        obj.is_staff = obj.is_superuser
        if not change:
            obj.must_change_password = True
        obj.save()
        action = "user.change" if change else "user.create"
        audit.record(action, target=obj, by=request.user, at=timezone.now(), fields=sorted(form.changed_data))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            user = User.objects.get(pk=id)
            User.objects.filter(pk=user.pk).update(must_change_password=True)
            audit.record("user.password_reset", target=user, by=request.user, at=timezone.now())
        return response


@admin.register(Appointment)
class AppointmentAdmin(admin.ModelAdmin):
    list_display = ["group", "user", "role", "starts_on", "ends_on"]
    list_filter = ["role", "group"]
    autocomplete_fields = ["user", "group"]
    search_fields = ["user__name", "user__username"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["group", "user", "role", "starts_on"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # fill in the last day instead

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now = timezone.now()
        if change:
            people.end_appointment(appointment=obj, ends_on=obj.ends_on, by=request.user, at=now)
            return
        made = people.appoint(
            group=obj.group,
            user=obj.user,
            role=obj.role,
            starts_on=obj.starts_on,
            ends_on=obj.ends_on,
            by=request.user,
            at=now,
        )
        obj.pk = made.pk


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["group", "user", "category", "title", "starts_on", "ends_on"]
    list_filter = ["category", "group"]


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    list_display = ["group", "principal", "delegate", "role", "starts_on", "ends_on"]
