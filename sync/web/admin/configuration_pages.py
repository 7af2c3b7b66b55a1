"""A destination's pages besides its form: check, set-up, keys; and the buttons to pause and resume it."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import SnowflakeConfiguration
from sync.destinations import (
    KeyRefusedError,
    NotDoneError,
    activate_rotation,
    begin_rotation,
    check_configuration,
    check_rate,
    check_slot,
    pause_by_hand,
    register_statement,
    resume_by_hand,
    scripts_of,
)
from sync.errors import SyncError

_TEMPLATES = "admin/accounts/snowflakeconfiguration"
_SIGNS = {"ok": "✓", "failed": "✗", "not_reached": "–"}  # noqa: RUF001 - a dash is meant

Answer = Callable[[HttpRequest, SnowflakeConfiguration], HttpResponse]
# What does something may answer; else one is led back.
Act = Callable[[HttpRequest, SnowflakeConfiguration], HttpResponse | None]


class Page(NamedTuple):
    """What shows, what does, and where it leads back to. `may`: the permission to do it, rather than to change."""

    show: Answer | None
    do: Act | None
    back: str
    may: str = ""


class DestinationPages(admin.ModelAdmin):
    """`…/{id}/check`, `…/setup`, `…/keys` show; POST to check, keys, activate, pause and resume does something."""

    @property
    def pages(self) -> dict[str, Page]:
        """By their paths below the destination's."""
        return {
            "check": Page(self._check_page, self._check, "check"),
            "setup": Page(self._setup_page, None, "change"),
            "keys": Page(self._keys_page, self._begin_rotation, "keys"),
            "activate": Page(None, self._activate, "keys"),
            "pause": Page(None, self._pause, "change"),
            "resume": Page(None, self._resume, "change"),
        }

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"<uuid:id>/{name}", self.admin_site.admin_view(self._view(page)), name=f"{self._base}_{_word(name)}")
            for name, page in self.pages.items()
        ]
        return [*own, *super().get_urls()]

    @property
    def _base(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _view(self, page: Page) -> Callable[..., HttpResponse]:
        """Shows to who may see, does for who may change; no error report shows any of the request's values."""

        show, do, back, may = page

        @sensitive_post_parameters()
        def view(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - the path's word
            configuration = self.get_queryset(request).filter(pk=id).first()
            if configuration is None:
                raise Http404("There is no such Snowflake configuration.")
            acts = request.method == "POST"
            if (do if acts else show) is None or request.method not in {"GET", "POST"}:
                return HttpResponseNotAllowed([verb for verb, known in (("GET", show), ("POST", do)) if known])
            allowed = self.has_change_permission if acts and not may else self.has_view_permission
            if not allowed(request, configuration) or not (not may or request.user.has_perm(may)):
                raise PermissionDenied
            try:
                if show and not acts:
                    return show(request, configuration)
                if do and (answer := do(request, configuration)):
                    return answer
            except KeyRefusedError as refused:
                self.message_user(request, f"{refused} {refused.what_to_do}", messages.ERROR)
            except NotDoneError as error:
                self.message_user(request, str(error), messages.WARNING)
            except SyncError as error:
                self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:{self._base}_{back}", args=[id]))

        return view

    def _show(self, request: HttpRequest, about: SnowflakeConfiguration, name: str, **more: Any) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": about,
            "may_change": self.has_change_permission(request, about),
            **more,
        }
        return TemplateResponse(request, f"{_TEMPLATES}/{name}.html", context)

    # Check

    def _check_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        steps = [step | {"sign": _SIGNS[step["status"]]} for step in (about.state.last_check or {}).get("steps", [])]
        return self._show(request, about, "check", title=f"Check of {about}", steps=steps)

    def _check(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        check_rate("check", request.user.pk)
        with check_slot(request.user.pk):
            report = check_configuration(about.pk)
        passed = report.checked.passed
        if not report.current:
            said, level = "The configuration was changed while it was checked. Check it again.", messages.WARNING
        elif passed:
            said, level = "Everything works.", messages.SUCCESS
        else:
            said, level = "A step failed; the list says what mends it.", messages.ERROR
        self.message_user(request, said, level)

    # Set-up and keys

    def _setup_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        return self._show(request, about, "setup", title=f"Set-up of {about}", scripts=scripts_of(about))

    def _keys_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        try:
            in_use = register_statement(about)
            begun = begin_rotation(about.pk) if about.next_private_key_encrypted else None
        except SyncError as error:
            self.message_user(request, str(error), messages.ERROR)
            in_use = begun = None
        return self._show(request, about, "keys", title=f"Keys of {about}", in_use=in_use, begun=begun)

    def _begin_rotation(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        check_rate("check", request.user.pk)
        begin_rotation(about.pk)

    def _activate(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        check_rate("check", request.user.pk)
        with check_slot(request.user.pk):
            old = activate_rotation(about.pk)
        last = f" In a minute, when running loads have ended, run: {old.statement}" if old else ""
        self.message_user(request, f"The new key is in use.{last}", messages.SUCCESS)

    # The breaker

    def _pause(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        pause_by_hand(about.pk)
        self.message_user(request, "Paused: results wait until it is resumed.", messages.SUCCESS)

    def _resume(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        resume_by_hand(about.pk)
        self.message_user(request, "Resumed: results are loaded again.", messages.SUCCESS)


def _word(path: str) -> str:
    """The name of a page, for `reverse`."""
    return path.replace("/", "_").replace("-", "_")
