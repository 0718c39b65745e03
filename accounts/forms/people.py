import re
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Membership, StudyGroup, User
from accounts.permissions import Permission
from studygroup.lib.forms import Form, ModelForm, PlainForm, Versioned


class LoginForm(PlainForm, AuthenticationForm):
    """The same sentence for an unknown name and a wrong password."""

    error_messages = {
        "invalid_login": "用户名或密码不对，请检查大小写后再试。",
        "inactive": "用户名或密码不对，请检查大小写后再试。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.update(autocapitalize="none", autocomplete="username")


def is_password_of(request: HttpRequest, user: User, password: str) -> bool:
    """Asked as at the login, and stopped like there: an open browser is not a place to try passwords out."""
    return authenticate(request, username=user.get_username(), password=password) == user


class SignInPinForm(Form):
    """The account's password first: somebody else's open browser must not be enough to sign in for him later."""

    password = forms.CharField(
        label="登录密码", max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    pin = forms.CharField(
        label="新的签到密码",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="4 至 6 位数字，不要用生日、手机号，也不要与别处的密码相同。",
    )
    pin_again = forms.CharField(
        label="再输一次",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        if not is_password_of(self.request, self.request.user, self.cleaned_data["password"]):
            raise forms.ValidationError("登录密码不对。")
        return ""

    def clean_pin(self) -> str:
        pin = self.cleaned_data["pin"]
        if not re.fullmatch("[0-9]{4,6}", pin):
            raise forms.ValidationError("签到密码是 4 至 6 位数字。")
        if pin in "01234567890" or pin in "09876543210" or len(set(pin)) == 1:
            raise forms.ValidationError("这个签到密码太容易被猜到，请换一个。")
        return pin

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "pin" in cleaned and cleaned["pin"] != cleaned.get("pin_again"):
            self.add_error("pin_again", "两次输入的签到密码不一样。")
        return cleaned


class MembershipForm(Versioned, ModelForm):
    """A place in the roster. With `newcomer` an account is made; otherwise the person is fixed."""

    pairs: tuple[tuple[str, ...], ...] = (("category", "title"), ("department", "position"), ("starts_on", "ends_on"))

    class Meta:
        model = Membership
        fields = ["category", "title", "department", "position", "starts_on", "ends_on"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "结束日期不能早于开始日期。")
        return cleaned

    def validate_constraints(self) -> None:
        """The action asks the database; the form does not know the group."""


class NewcomerForm(MembershipForm):
    """Somebody new gets an account; somebody known (appointed here, or on the roster before) is only chosen."""

    group = forms.ModelChoiceField(StudyGroup.objects.none(), label="学习组")
    known = forms.ModelChoiceField(
        User.objects.none(),
        label="已有账号的同志",
        required=False,
        empty_label="没有账号，在下面新建",
        help_text="在本组任职、或曾在名单里的同志，直接选择，不必再建账号。",
    )
    name = forms.CharField(label="姓名", max_length=50, required=False)
    username = forms.CharField(
        label="用户名",
        max_length=64,
        required=False,
        help_text="登录用，例如手机号或姓名拼音。",
        validators=[UnicodeUsernameValidator()],
    )
    password = forms.CharField(
        label="初始密码",
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
        help_text="本人第一次登录时须改成自己的密码。",
        validators=[validate_password],
    )
    field_order = ["group", "known", "name", "username", "password"]
    pairs = (("group", "known"), ("name", "username"), ("password",), *MembershipForm.pairs)

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = StudyGroup.objects.where(user, Permission.MANAGE_ROSTER)
        self.fields["group"].queryset = groups
        self.fields["group"].initial = groups.first()
        listed = Membership.objects.on(today).filter(group__in=groups).values("user")
        known = Q(appointments__group__in=groups) | Q(memberships__group__in=groups)
        people = User.objects.filter(known, is_active=True).exclude(pk__in=listed)
        self.fields["known"].queryset = people.distinct()

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if username and User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("这个用户名已经有人使用，请换一个。")
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "known" in cleaned and not cleaned["known"]:
            for name in ("name", "username", "password"):
                if name in cleaned and not cleaned[name]:
                    self.add_error(name, "请填写这一项，或在上面选择已有账号的同志。")
        return cleaned
