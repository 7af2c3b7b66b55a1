"""The application's users: who may do what here. All else about them is the application's."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from sync.activity import changes_between
from sync.operations import change_powers, note_rights
from sync.web.admin.base import BoundedAdmin, Leading, SecretsStay, backfill_of
from sync.web.shared import exact

OWN_APPS = ("accounts", "sync")
# Django makes these permissions, which nothing asks for.
OF_NOTHING = ("add_apitoken", "delete_apitoken", "add_user", "delete_user")
KEPT_BY_US = ("apiusage", "syncrollup", "syncrollupmade")
LOGIN = ("is_staff", "is_superuser")
POWERS = (*LOGIN, "groups", "user_permissions")
MAY_USE, MAY_ALL = "May use the admin", "May do everything in the admin"


def may_do_everything(request: HttpRequest) -> bool:
    """Nobody else gives a power: they could give themselves any."""
    return bool(getattr(request.user, "is_superuser", False))


class PermissionsField(forms.ModelMultipleChoiceField):
    """Permissions by their names, which say all."""

    def label_from_instance(self, permission: Any) -> str:
        return str(permission.name)


def _given(whose: User | Group) -> dict[str, str]:
    """What is given besides the two powers of a log-in, by names."""
    one = {"groups": whose.groups, "permissions": whose.user_permissions} if isinstance(whose, User) else {}
    given = one or {"permissions": whose.permissions}  # type: ignore[union-attr]
    return {what: ", ".join(sorted(rows.values_list("name", flat=True))) for what, rows in given.items()}


class GivesPowers(SecretsStay):
    """Groups and permissions as boxes to tick."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        whose = form.instance
        before = _given(whose) if change else {}
        super().save_related(request, form, formsets, change)
        note_rights(whose, changes_between(before, _given(whose)))

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs |= {"widget": forms.CheckboxSelectMultiple(), "help_text": ""}
        if db_field.remote_field.model is Permission:
            offered = Permission.objects.filter(content_type__app_label__in=OWN_APPS).exclude(codename__in=OF_NOTHING)
            kwargs["queryset"] = offered.exclude(content_type__model__in=KEPT_BY_US).select_related("content_type")
            kwargs["form_class"] = PermissionsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class UserForm(forms.ModelForm):
    """What somebody may do here; nothing of the application's."""

    is_staff = forms.BooleanField(required=False, label=MAY_USE)
    is_superuser = forms.BooleanField(required=False, label=MAY_ALL)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update({name: getattr(self.instance, name) for name in LOGIN})


@admin.register(User)
class UserAdmin(Leading, GivesPowers, BoundedAdmin):
    """Found by e-mail address; changed only in what they may do here."""

    form = UserForm
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    search_help_text = "A part of the e-mail address or the name."
    ordering = ("email",)
    actions = (backfill_of("user"),)
    fields: ClassVar[Any] = ("email", "name", "is_active", "last_login", *POWERS)
    readonly_fields: ClassVar[Any] = ("email", "name", "is_active", "last_login")

    def view_on_site(self, user: User) -> str:
        """All of theirs, as they see it."""
        return reverse("console:home", query={"user": user.pk})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Users are the application's to make."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        own = super().get_readonly_fields(request, obj)
        return own if may_do_everything(request) else (*own, *POWERS)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:  # noqa: FBT001
        """The row in `users` is the application's: none of it is written."""
        if changed := {name: form.cleaned_data[name] for name in LOGIN if name in form.changed_data}:
            change_powers(obj, **changed)

    @admin.display(description="last log-in")
    def last_login(self, user: User) -> str:
        return exact(user.last_login)

    @admin.display(description=MAY_USE, boolean=True)
    def is_staff(self, user: User) -> bool:
        return user.is_staff

    @admin.display(description=MAY_ALL, boolean=True)
    def is_superuser(self, user: User) -> bool:
        return user.is_superuser


admin.site.unregister(Group)


@admin.register(Group)
class GroupPages(GivesPowers, GroupAdmin):  # type: ignore[misc]  # its form field may be asked for without a request
    """Django's, for those alone who may do everything: a group's powers are its members'."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_do_everything(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return may_do_everything(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return may_do_everything(request)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        with transaction.atomic():
            note_rights(obj, changes_between(_given(obj), {}))
            obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        for group in queryset:
            self.delete_model(request, group)
