from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import timezone

from accounts.forms.people import is_password_of
from accounts.models import User
from studygroup.lib import audit


class NewPasswordForm(PasswordChangeForm):
    """An initial password somebody else has chosen cannot be kept."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        if not is_password_of(self.request, self.user, self.cleaned_data["old_password"]):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return self.cleaned_data["old_password"]

    def clean_new_password1(self) -> str:
        password = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError("新密码不能与现在的密码相同。")
        return password


class PasswordChange(PasswordChangeView):
    """Django's own view; other sessions of the account end, the first-login duty is done."""

    form_class = NewPasswordForm
    template_name = "accounts/password_form.html"
    success_url = reverse_lazy("me")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        user = self.request.user
        first = user.must_change_password
        User.objects.filter(pk=user.pk).update(must_change_password=False)
        audit.record("user.password", target=user, by=user, at=timezone.now())
        messages.success(self.request, "密码已修改。")
        return redirect("/") if first else response
