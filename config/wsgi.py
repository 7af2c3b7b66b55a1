"""The web server's way in. Refuses to start where the system checks find an error, as the commands do."""

import os

from django.core.checks import run_checks
from django.core.management.base import SystemCheckError
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

if errors := [message for message in run_checks() if message.is_serious()]:
    raise SystemCheckError("\n".join(str(message) for message in errors))
