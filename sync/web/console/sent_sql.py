"""The SQL that lets the sync in, for an administrator of the account who has no log-in here: by a link that ends."""

from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import SnowflakeConfiguration
from sync.destinations import scripts_of
from sync.errors import SyncError
from sync.web.console.access import open_page

LASTS = timedelta(days=7)
_SALT = "sync.web.console.sent_sql"


def address_of(about: SnowflakeConfiguration) -> str:
    """Of the page that shows the SQL of this destination, and nothing else, to whoever has the address."""
    return reverse("console:sent-sql", query={"of": signing.dumps(str(about.pk), salt=_SALT)})


@require_safe
@open_page
def sent_sql_page(request: HttpRequest) -> HttpResponse:
    """The scripts, in which there is no secret. 404 if the link was never made here, has ended, or is of nothing."""
    try:
        id_ = signing.loads(request.GET.get("of", ""), salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        id_ = None
    about = SnowflakeConfiguration.objects.select_related("user").filter(pk=id_).first()
    try:
        scripts = scripts_of(about) if about else None
    except SyncError:
        scripts = None
    context = {"about": about, "scripts": scripts}
    answer = render(request, "console/sent_sql.html", context, status=200 if scripts else 404)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
