"""Tokens of the API: made here, shown this once, and revoked."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import ForeignKey, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import ApiToken, User
from sync.operations import make_token, rename_token, revoke_tokens
from sync.web.admin.base import SecretsStay
from sync.web.admin.columns import column

BEGINS_WITH = column("begins_with", "token_key", "{}…".format)
POWERFUL = Q(login__is_staff=True) | Q(login__is_superuser=True)


STATE = column("state", "state", str, order="")


class TokenForm(forms.ModelForm):
    """What a new token is to be like."""

    expires_in_days = forms.IntegerField(
        required=False, min_value=1, max_value=36_500, help_text="Empty: it does not expire."
    )

    class Meta:
        model = ApiToken
        fields: ClassVar[list[str]] = ["user", "name"]
        widgets: ClassVar[dict[str, forms.Widget]] = {"name": forms.TextInput(attrs={"size": 50})}


@admin.register(ApiToken)
class ApiTokenAdmin(SecretsStay):
    secret = ("digest",)
    list_display = ("__str__", "user", STATE, "created", "expiry", "last_used_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "token_key", "user__email")
    ordering = ("-created",)
    autocomplete_fields = ("user",)
    actions = ("revoke",)

    def get_form(
        self,
        request: HttpRequest,
        obj: ApiToken | None = None,
        change: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> type[forms.ModelForm]:
        return super().get_form(request, obj, change, **kwargs | ({} if change else {"form": TokenForm}))

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is None:
            return ("user", "name", "expires_in_days")
        return ("name", "user", BEGINS_WITH, "created", "expiry", "last_used_at", "revoked_at")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)[1:]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        """A token of staff does all that they may: only somebody who may do everything gives one away."""
        if db_field.name == "user" and not getattr(request.user, "is_superuser", False):
            kwargs["queryset"] = User.objects.filter(~POWERFUL | Q(pk=request.user.pk))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:  # noqa: FBT001
        if change:
            rename_token(obj, obj.name)
            return
        days = form.cleaned_data["expires_in_days"]
        made, token = make_token(obj.user, obj.name, lasts=timedelta(days=days) if days else None)
        obj.digest, obj.token_key, obj.created, obj.expiry = made.digest, made.token_key, made.created, made.expiry
        request.new_token = token  # type: ignore[attr-defined]  # on its way to response_add, and no further

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """The token itself: in this answer, which Django lets nobody keep, and nowhere else."""
        context = {
            **self.admin_site.each_context(request),
            "title": "API token",
            "opts": self.opts,
            "object": obj,
            "token": request.new_token,  # type: ignore[attr-defined]
        }
        return render(request, "admin/accounts/apitoken/made.html", context)

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        self.delete_queryset(request, ApiToken.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """With those made with them; written down as a revocation, which it is."""
        ids = list(queryset.values_list("pk", flat=True))
        with transaction.atomic():
            revoke_tokens(ApiToken.objects.filter(pk__in=ids))
            ApiToken.objects.filter(pk__in=ids).delete()

    @admin.action(description="Revoke selected API tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """They answer 401 from now on, and stay in the list."""
        revoked = revoke_tokens(queryset)
        self.message_user(request, f"Tokens revoked: {revoked}.")
