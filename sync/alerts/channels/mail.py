"""E-mail, by what EMAIL_URL says."""

import contextlib
import smtplib
from collections.abc import Mapping

from django.conf import settings as configuration
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from sync.alerts.channels.kind import ChannelKind, Field, printable, thread_of
from sync.alerts.message import Answer, Message, Outcome

_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def _missing() -> str:
    if configuration.EMAIL_BACKEND == _SMTP and not configuration.EMAIL_HOST:
        return "This installation has no mail server: its operator sets EMAIL_URL, and DEFAULT_FROM_EMAIL."
    if not configuration.DEFAULT_FROM_EMAIL:
        return "This installation has no address to write from: its operator sets DEFAULT_FROM_EMAIL."
    return ""


def _send(settings: Mapping[str, str], _stored: Mapping[str, str], message: Message, delivery_id: str) -> Answer:
    if missing := _missing():
        return Answer(Outcome.AGAIN, missing)
    server = get_connection()
    mail = _mail(settings["to"], message, delivery_id)
    mail.connection = server
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()), (550, b""))
        outcome = Outcome.NEVER if code >= 500 else Outcome.AGAIN
        return Answer(outcome, f"The mail server does not take this recipient: {code} {_words(said)}")
    except smtplib.SMTPAuthenticationError as error:
        return Answer(
            Outcome.AGAIN, f"The mail server refused the log-in ({error.smtp_code}): its operator looks at EMAIL_URL."
        )
    except smtplib.SMTPResponseException as error:
        return Answer(Outcome.AGAIN, f"The mail server answered {error.smtp_code} {_words(error.smtp_error)}")
    except (OSError, smtplib.SMTPException) as error:
        return Answer(Outcome.AGAIN, f"The mail server cannot be reached, or does not answer ({type(error).__name__}).")
    finally:
        # Django leaves a connection open whose log-in was refused.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.close()
    return Answer(Outcome.OK, "The mail server has taken it.")


def _mail(to: str, message: Message, delivery_id: str) -> EmailMultiAlternatives:
    """It says that no person wrote it, and what it is about: programs do not answer it, and put it into one thread."""
    domain = configuration.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    headers = {
        "Message-ID": f"<{delivery_id}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "References": f"<{thread_of(message, delivery_id)}.alert@{domain}>",
    }
    if configuration.SITE_URL:
        headers["List-Unsubscribe"] = f"<{configuration.SITE_URL}/alerts>"
    # A name that is part of it may have anything in it; a header is one line.
    mail = EmailMultiAlternatives(printable(message.subject, 200), message.text, to=[to], headers=headers)
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _words(said: bytes | str) -> str:
    return printable(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)


def _is_address(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        return "This is no e-mail address."
    return ""


EMAIL = ChannelKind(
    label="E-mail",
    fields=(Field("to", "To", "One address.", check=_is_address),),
    send=_send,
    missing=_missing,
)
