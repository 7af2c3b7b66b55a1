"""The monitoring pages' paths."""

from django.urls import path

from sync.web.console.executions import execution_page, execution_search
from sync.web.console.items import items_page
from sync.web.console.overview import overview_page
from sync.web.console.retrying import retry_one, retry_page
from sync.web.console.rules import rules_page
from sync.web.console.signing_in import SignInView, SignOutView
from sync.web.shared import ANYTHING

app_name = "monitor"
urlpatterns = [
    path("", overview_page, name="overview"),
    path("items", items_page, name="items"),
    path("items/<uuid:item_id>/retry", retry_one, name="retry-one"),
    path("retry", retry_page, name="retry"),
    path("executions", execution_search, name="execution-search"),
    path(f"executions/<{ANYTHING}:execution_id>", execution_page, name="execution"),
    path("rules/<uuid:configuration_id>/<int:version>", rules_page, name="rules"),
    path("login", SignInView.as_view(), name="login"),
    path("logout", SignOutView.as_view(), name="logout"),
]
