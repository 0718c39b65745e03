from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class User(AbstractBaseUser):
    """The product's users, as little of them as a login needs."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=50)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"

    class Meta:
        managed = False
        db_table = "accounts_user"
