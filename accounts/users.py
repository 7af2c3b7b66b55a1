"""The application's users, and who of them may log in here."""

import json
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Collate, Now, Upper
from django.utils.crypto import salted_hmac


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> "models.QuerySet[User]":
        """Reads the login along: whoever reads a user is about to ask what the user may do."""
        return super().get_queryset().select_related("login")

    def create_user(
        self,
        email: str,
        password: str | None = None,
        *,
        is_staff: bool = False,
        is_superuser: bool = False,
        **fields: Any,
    ) -> "User":
        """Creates a user of the application. With a password or a power, the user may log in here."""
        user = self.create(email=self.normalize_email(email), **fields)
        if password is not None or is_staff or is_superuser:
            user.change_login(password=make_password(password), is_staff=is_staff, is_superuser=is_superuser)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this e-mail address: as written, or else the only one that differs in its capitals alone."""
        found = self.with_email(username or "")
        if len(found) != 1:
            raise self.model.DoesNotExist
        return found[0]

    def with_email(self, email: str) -> "list[User]":
        """The users with exactly this address, or, if there are none, with it in other capitals; five at most.

        Only A to Z have a case here, whatever the collation, and nothing else folds an address. Whatever depends on
        whose an address is, as a count of wrong passwords does, goes by the user that is found.
        """
        alike = self.annotate(folded=_folded("email")).filter(folded=_folded(models.Value(email)))
        for found in (self.filter(email=email), alike):
            if users := list(found.order_by("pk")[:5]):
                return users
        return []


def _folded(address: str | models.Value) -> Upper:
    return Upper(Collate(address, "C"))


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # knox has no types
    """A user of the application. Nothing in its table gives a power here: users may edit their own rows there.

    Everything else that Django keeps of a user is read from the user's Login.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.TextField(blank=True, null=True)
    is_active = models.BooleanField(default=True)
    groups = models.ManyToManyField(  # type: ignore[assignment]
        Group, blank=True, related_name="user_set", db_table="snowflake_sync_user_groups"
    )
    user_permissions = models.ManyToManyField(  # type: ignore[assignment]
        Permission, blank=True, related_name="user_set", db_table="snowflake_sync_user_permissions"
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "users"

    def __str__(self) -> str:
        return str(self.email or self.pk)

    @property
    def password(self) -> str | None:  # type: ignore[override]
        """A hash; None for a user of the application who has no password here."""
        return self._login.password

    @property
    def last_login(self) -> datetime | None:  # type: ignore[override]
        return self._login.last_login

    @property
    def is_staff(self) -> bool:
        return self._login.is_staff

    @property
    def is_superuser(self) -> bool:  # type: ignore[override]
        return self._login.is_superuser

    @property
    def chosen(self) -> "Preferences":
        """How the user wants the pages to be; what holds for everybody, where nothing was chosen."""
        return getattr(self, "preferences", None) or Preferences(user=self)

    @property
    def _login(self) -> "Login":
        return getattr(self, "login", None) or Login(user=self)

    def save(self, **kwargs: Any) -> None:
        """Writes only `update_fields` of a user who is there already: the row is the application's."""
        if self._state.adding or kwargs.get("update_fields"):
            super().save(**kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is told apart by, at each request: it ends with the password, and where powers change.

        What somebody else has begun in the name of a user without powers does not go on with them. Permissions count
        for staff alone, and pages ask for them anyway.
        """
        powers: list[bool | str] = [self.is_staff, self.is_superuser]
        if self.is_staff and not self.is_superuser:
            powers += sorted(self.get_all_permissions())
        told_by = json.dumps([self.password, *powers])
        return salted_hmac("accounts.User.session", told_by, secret=secret, algorithm="sha256").hexdigest()

    def change_login(self, **fields: Any) -> None:
        """Writes these fields of the login, which is made if there is none. Nothing is written to `users`.

        When a user gains a first power, the user's tokens end: somebody else may have made them for a user without any.
        """
        gains = (fields.get("is_staff") or fields.get("is_superuser")) and not (self.is_staff or self.is_superuser)
        with transaction.atomic():
            self.login, _ = Login.objects.update_or_create(user=self, defaults=fields)
            if gains:
                self.auth_token_set.filter(revoked_at=None).update(revoked_at=Now())

    def set_password(self, raw_password: str | None) -> None:
        """Takes effect at once. Django calls it also for a user who does not exist: then it only takes as long."""
        password = make_password(raw_password)
        if not self._state.adding:
            self.change_login(password=password)

    def check_password(self, raw_password: str | None) -> bool:
        """False for a user of the application who has no password here, which takes as long as for others."""
        if self.password:
            return check_password(raw_password, self.password, self.set_password)
        make_password(raw_password)
        return False


class Login(models.Model):
    """Who may log in here, and with which powers."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    password = models.CharField(max_length=128, null=True)
    last_login = models.DateTimeField(null=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)

    class Meta:
        db_table = "snowflake_sync_logins"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


class Preferences(models.Model):
    """How a user wants the pages to be. Who has no row has chosen nothing."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "as this device"
        LIGHT = "light", "light"
        DARK = "dark", "dark"

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    time_zone = models.TextField(blank=True, default="", db_default="")
    theme = models.TextField(choices=Theme, default=Theme.SYSTEM, db_default=Theme.SYSTEM)

    class Meta:
        db_table = "snowflake_sync_preferences"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)
