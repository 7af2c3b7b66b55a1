"""Logging in, for staff and for users of the application who have been given a password here."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView

from accounts.signing_in import SaysWhy


class SignInForm(SaysWhy, AuthenticationForm):
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["username"].label = "E-mail address"
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    error_messages = {  # noqa: RUF012 - Django's
        "invalid_login": "This address and password are not known here. After several tries, ask for a new password.",
        "inactive": "This user is not active in the application.",
    }


class SignInView(LoginView):
    """The one page to log in, of the console and of the admin."""

    template_name = "console/login.html"
    authentication_form = SignInForm

    @property
    def redirect_authenticated_user(self) -> bool:  # type: ignore[override]  # an attribute of Django's
        """Who is logged in goes on, but not to the admin, which would send anybody but staff back here."""
        user = self.request.user
        return not (user.is_authenticated and not user.is_staff and self.get_redirect_url().startswith("/admin"))

    def get_redirect_url(self) -> str:  # type: ignore[override]  # the stubs know an argument that Django does not
        """The page to go on to: any of ours but this one, which Django takes for a mistake."""
        wanted: str = super().get_redirect_url()
        return "" if wanted.partition("?")[0] == self.request.path else wanted


class SignOutView(LogoutView):
    next_page = "console:log-in"
