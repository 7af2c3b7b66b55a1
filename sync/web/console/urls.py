"""The console's paths. Its pages are at the top; those under `/`, where some of them were, lead there."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path
from django.views.generic import RedirectView

from sync.web.console.activity import activity_file, activity_page
from sync.web.console.alerts import alerts_page, mute_alerts_page
from sync.web.console.backfilling import backfill_of_page, backfill_page
from sync.web.console.bulk import change_page, retry_one
from sync.web.console.channels import channel_page, delete_channel_page, new_channel_page
from sync.web.console.checking import check_page
from sync.web.console.connecting import connect_page, let_in_page
from sync.web.console.contents import contents_page, cure, look_now
from sync.web.console.costs import actual_credits_page, costs_page
from sync.web.console.data import change_rule, data_page
from sync.web.console.data_acts import act_page, hash_key_page, meaning_page
from sync.web.console.destination_settings import delete_page, rotate, settings_page, switch
from sync.web.console.destinations import destinations_page, pause, resume, status_page, timeline_page
from sync.web.console.errors import errors_file, errors_page
from sync.web.console.home import home_page
from sync.web.console.leave_out import leave_out_page
from sync.web.console.me import me_page, revoke_page
from sync.web.console.muting import mute_page
from sync.web.console.retention import prune_page, retention_page
from sync.web.console.rules import rules_file, rules_page, rules_yaml
from sync.web.console.run import run_page
from sync.web.console.run_exports import runs_file
from sync.web.console.runs import runs_page
from sync.web.console.searching import search_page, suggestions
from sync.web.console.sent_sql import sent_sql_page
from sync.web.console.signing_in import SignInView, SignOutView
from sync.web.console.users import users_page
from sync.web.console.workers import workers_page
from sync.web.console.workflows import workflow_page, workflows_page
from sync.web.shared import ANYTHING

app_name = "console"
urlpatterns = [
    path("", home_page, name="home"),
    path("runs", runs_page, name="runs"),
    path("runs.csv", runs_file, {"form": "csv"}, name="runs-csv"),
    path("runs.json", runs_file, {"form": "json"}, name="runs-json"),
    path(f"runs/<{ANYTHING}:execution_id>", run_page, name="run"),
    path("search", search_page, name="search"),
    path("search/suggestions", suggestions, name="suggestions"),
    path("errors", errors_page, name="errors"),
    path("errors.csv", errors_file, {"form": "csv"}, name="errors-csv"),
    path("errors.json", errors_file, {"form": "json"}, name="errors-json"),
    path("errors/mute", mute_page, name="mute"),
    path("retry", change_page, {"name": "retry"}, name="retry"),
    path("skip", change_page, {"name": "skip"}, name="skip"),
    path("load-again", change_page, {"name": "load again"}, name="load-again"),
    path("leave-out", leave_out_page, name="leave-out"),
    path("items/<uuid:item_id>/retry", retry_one, name="retry-one"),
    path("destinations", destinations_page, name="destinations"),
    path("destinations/<uuid:configuration_id>", status_page, name="destination"),
    path("destinations/<uuid:configuration_id>/backfill", backfill_page, name="backfill"),
    path("costs", costs_page, name="costs"),
    path("destinations/<uuid:configuration_id>/credits", actual_credits_page, name="actual-credits"),
    path("backfill", backfill_of_page, name="backfill-of"),
    path("destinations/<uuid:configuration_id>/timeline", timeline_page, name="timeline"),
    path("destinations/<uuid:configuration_id>/contents", contents_page, name="contents"),
    path("destinations/<uuid:configuration_id>/contents/look", look_now, name="look-now"),
    path("destinations/<uuid:configuration_id>/contents/cure", cure, name="cure"),
    path("destinations/<uuid:configuration_id>/settings", settings_page, name="settings"),
    path("destinations/<uuid:configuration_id>/pause", pause, name="pause"),
    path("destinations/<uuid:configuration_id>/resume", resume, name="resume"),
    path("destinations/<uuid:configuration_id>/switch", switch, name="switch"),
    path("destinations/<uuid:configuration_id>/key", rotate, name="rotate-key"),
    path("destinations/<uuid:configuration_id>/delete", delete_page, name="delete-destination"),
    path("connect", connect_page, name="connect"),
    path("connect/sql", sent_sql_page, name="sent-sql"),
    path("connect/<uuid:configuration_id>/let-in", let_in_page, name="let-in"),
    path("connect/<uuid:configuration_id>/check", check_page, name="check"),
    path("destinations/<uuid:configuration_id>/data", data_page, name="data"),
    path("destinations/<uuid:configuration_id>/data/rule", change_rule, name="change-rule"),
    path("destinations/<uuid:configuration_id>/data/meaning", meaning_page, name="rules-meaning"),
    path("destinations/<uuid:configuration_id>/data/file", rules_file, name="rules-file"),
    path("destinations/<uuid:configuration_id>/data/hash-key", hash_key_page, name="hash-key"),
    path("destinations/<uuid:configuration_id>/data/reload", act_page, name="rules-reload"),
    path("destinations/<uuid:configuration_id>/data/return", act_page, name="rules-return"),
    path("destinations/<uuid:configuration_id>/data/remove", act_page, name="rules-remove"),
    path("destinations/<uuid:configuration_id>/data/retention", retention_page, name="retention"),
    path("destinations/<uuid:configuration_id>/data/prune", prune_page, name="prune"),
    path("destinations/<uuid:configuration_id>/rules.yaml", rules_yaml, name="rules-yaml"),
    path("destinations/<uuid:configuration_id>/rules/<int:version>", rules_page, name="rules"),
    path("workflows", workflows_page, name="workflows"),
    path("workflows/<uuid:workflow_id>", workflow_page, name="workflow"),
    path("activity", activity_page, name="activity"),
    path("activity.csv", activity_file, {"form": "csv"}, name="activity-csv"),
    path("activity.json", activity_file, {"form": "json"}, name="activity-json"),
    path("alerts", alerts_page, name="alerts"),
    path("alerts/mute", mute_alerts_page, name="mute-alerts"),
    path("alerts/channels/new", new_channel_page, name="new-channel"),
    path("alerts/channels/<uuid:channel_id>", channel_page, name="channel"),
    path("alerts/channels/<uuid:channel_id>/delete", delete_channel_page, name="delete-channel"),
    path("workers", workers_page, name="workers"),
    path("users", users_page, name="users"),
    path("me", me_page, name="me"),
    path("me/tokens/<int:token_id>/revoke", revoke_page, name="revoke"),
    path("log-in", SignInView.as_view(), name="log-in"),
    path("log-out", SignOutView.as_view(), name="log-out"),
]


def _leads_to(name: str) -> Callable[..., HttpResponseBase]:
    return RedirectView.as_view(pattern_name=f"console:{name}", query_string=True)


urlpatterns += [
    path("monitor", _leads_to("home")),
    path("monitor/", _leads_to("home")),
    path("monitor/items", _leads_to("runs")),
    path("monitor/executions", _leads_to("search")),
    path(f"monitor/executions/<{ANYTHING}:execution_id>", _leads_to("run")),
    path("monitor/retry", _leads_to("retry")),
    path("monitor/rules/<uuid:configuration_id>/<int:version>", _leads_to("rules")),
    path("monitor/login", _leads_to("log-in")),
]
