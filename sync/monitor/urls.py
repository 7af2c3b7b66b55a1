"""The monitoring pages' paths."""

from django.urls import path

from sync.monitor.access import secured
from sync.monitor.overview import overview_page
from sync.monitor.signing_in import SignInView, SignOutView

app_name = "monitor"
urlpatterns = [
    path("", overview_page, name="overview"),
    path("login", secured(SignInView.as_view()), name="login"),
    path("logout", SignOutView.as_view(), name="logout"),
]
