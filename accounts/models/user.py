from datetime import date
from functools import cached_property

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from pypinyin import lazy_pinyin

from accounts.permissions import GRANTS, Authority, Permission, authority_of


def pinyin_key(name: str) -> str:
    """Sort key of a Chinese name, e.g. 张三 → "zhang san"."""
    return " ".join(lazy_pinyin(name))[:120].lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, *, name: str, **fields) -> "User":
        user = self.model(username=username, name=name, name_key=pinyin_key(name), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields) -> "User":
        fields.setdefault("name", "系统管理员")
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)

    def holding(self, permission: Permission, group_id: int, on: date) -> "models.QuerySet[User]":
        """Who holds a permission in a group by appointment on a day, ordered by name."""
        roles = [role for role, granted in GRANTS.items() if permission in granted]
        return self.filter(
            models.Q(appointments__ends_on=None) | models.Q(appointments__ends_on__gte=on),
            is_active=True,
            appointments__group=group_id,
            appointments__role__in=roles,
            appointments__starts_on__lte=on,
        ).distinct()


class User(AbstractBaseUser, PermissionsMixin):
    """人员: one account per person, kept when he leaves so that his name stays on what he signed."""

    username = models.CharField(
        "用户名",
        max_length=64,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "这个用户名已经有人使用，请换一个。"},
    )
    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField("姓名拼音", max_length=120, editable=False, blank=True)
    phone = models.CharField("手机号", max_length=20, blank=True)
    is_active = models.BooleanField("可以登录", default=True)
    is_staff = models.BooleanField("系统管理员", default=False)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    sign_in_pin = models.CharField("签到密码（散列值）", max_length=128, blank=True, editable=False)
    date_joined = models.DateTimeField("建立时间", default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["name_key", "pk"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def authority(self) -> Authority:
        """What he may do today. A request has its own User object, so a dismissal counts from the next request."""
        return authority_of(self, timezone.localdate())
