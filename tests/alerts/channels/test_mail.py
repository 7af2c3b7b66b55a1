"""Mails, to a mail server that takes them or does not."""

import email
import email.policy
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from config.mail import MailSettings, mail_settings
from sync.alerts import KINDS, Answer, Message, Outcome
from sync.alerts.channels import BadFieldsError, entered
from tests.alerts.channels.mail_server import MailServer
from tests.alerts.channels.messages import CLOSED, OPENED

ID = "2f0a6d0e-6a3a-4a3e-9b1c-1f2f7a0b5c11"
EMAIL = KINDS["email"]


class Mailbox:
    """Takes what comes, unless it is told what to say at a command."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.says: dict[str, str] = {}
        self.logins: list[Any] = []

    async def handle_RCPT(self, _s: SMTP, _n: Session, envelope: Envelope, address: str, _o: list[str]) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(self, _s: SMTP, _n: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if "DATA" not in self.says:
            parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            self.mails.append(parsed)
        return self.says.get("DATA", "250 OK")


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    box = Mailbox()

    def authenticate(*given: Any) -> AuthResult:
        box.logins.append(given[-1])
        return AuthResult(success="AUTH" not in box.says, handled=False)

    controller = MailServer(box, authenticator=authenticate, auth_require_tls=False)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.DEFAULT_FROM_EMAIL = "Sync <sync@example.com>"
    settings.SITE_URL = "https://sync.example.com"
    yield box
    controller.stop()


def send(message: Message = OPENED) -> Answer:
    return EMAIL.send({"to": "ada@example.com"}, {}, message, ID)


def test_a_mail_comes(mailbox: Mailbox) -> None:
    assert send().outcome == Outcome.OK
    mail = mailbox.mails[0]
    assert mail["From"] == "Sync <sync@example.com>"
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == OPENED.subject
    assert mail["Message-ID"] == f"<{ID}@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://sync.example.com/alerts>"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert "enter the password again" in plain.get_content()
    assert html is not None
    assert "<b>Prod</b>" in html.get_content()


def test_an_opening_and_its_closing_are_one_thread(mailbox: Mailbox) -> None:
    send()
    send(CLOSED)
    opened, closed = mailbox.mails
    assert opened["References"] == closed["References"]
    assert closed.get_body(("html",)) is None


def test_a_name_with_line_ends_makes_no_header(mailbox: Mailbox) -> None:
    assert send(replace(OPENED, subject="Prod\r\nBcc: eve@example.com\r\n\r\nhello")).outcome == Outcome.OK
    mail = mailbox.mails[0]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Prod Bcc: eve@example.com hello"


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "ada@example.com\r\nBcc: eve@example.com", "ada@example.com, eve@example.com",
     "Ada <ada@example.com>", "ada@example.com\x00"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadFieldsError):
        entered(EMAIL, {"to": address})


def test_an_address_is_kept() -> None:
    assert entered(EMAIL, {"to": " ada@example.com "}) == ({"to": "ada@example.com"}, {})


@pytest.mark.parametrize(
    ("at", "says", "outcome"),
    [
        ("RCPT", "550 5.1.1 no such user", Outcome.NEVER),
        ("RCPT", "451 4.7.1 greylisted, come again", Outcome.AGAIN),
        ("DATA", "554 5.7.1 spam", Outcome.AGAIN),
        ("DATA", "452 4.2.2 full", Outcome.AGAIN),
    ],
)
def test_what_a_mail_server_says_is_shown(mailbox: Mailbox, at: str, says: str, outcome: Outcome) -> None:
    mailbox.says[at] = says
    answer = send()
    assert answer.outcome == outcome
    assert says.partition(" ")[2] in answer.said
    assert mailbox.mails == []


def test_a_refused_log_in_is_the_operators(mailbox: Mailbox, settings: Settings) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "sync", "the-mail-password"
    mailbox.says["AUTH"] = "no"
    answer = send()
    assert answer.outcome == Outcome.AGAIN
    assert "EMAIL_URL" in answer.said
    assert "password" not in answer.said
    assert mailbox.logins


def test_no_mail_server_is_said(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = ""
    assert "EMAIL_URL" in EMAIL.missing()
    assert "EMAIL_URL" in send().said
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "127.0.0.1", ""
    assert "DEFAULT_FROM_EMAIL" in EMAIL.missing()


def test_a_mail_server_that_is_not_there_is_tried_again(mailbox: Mailbox, settings: Settings) -> None:
    # Bound, so that nobody else is there.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = taken.getsockname()[1]
        answer = send()
    assert answer.outcome == Outcome.AGAIN
    assert "cannot be reached" in answer.said


@pytest.mark.timeout(120)
def test_a_mail_server_that_says_nothing_is_not_waited_for(mailbox: Mailbox, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 0.5
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        assert send().outcome == Outcome.AGAIN


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp+tls://ada%40example.com:p%40ss%2F%23@mail.example.com", ("mail.example.com", 587, True, False)),
        ("submission://u:p@mail.example.com", ("mail.example.com", 587, True, False)),
        ("smtps://u:p@mail.example.com", ("mail.example.com", 465, False, True)),
        ("smtp+ssl://u:p@mail.example.com:2465/", ("mail.example.com", 2465, False, True)),
        ("smtp://mail.example.com:2525", ("mail.example.com", 2525, False, False)),
        ("smtp://mail.example.com", ("mail.example.com", 25, False, False)),
        ("", ("", 25, False, False)),
    ],
)
def test_email_url_means_what_it_says(url: str, read: tuple[str, int, bool, bool]) -> None:
    found = mail_settings(url)
    assert (found.host, found.port, found.starttls, found.tls) == read


def test_what_is_escaped_in_email_url_is_unescaped() -> None:
    found = mail_settings("smtp+tls://ada%40example.com:p%40ss%2F%23@mail.example.com")
    assert found == MailSettings("mail.example.com", 587, "ada@example.com", "p@ss/#", starttls=True, tls=False)
    assert found.sender == "ada@example.com"


@pytest.mark.parametrize(
    "url",
    ["mail.example.com", "https://mail.example.com", "smtp://u:pass/word@mail.example.com",
     "smtp://u:pass#word@mail.example.com", "smtp://u:p@mail.example.com?timeout=5", "smtp://", "smtp://u:p@h:port"],
)  # fmt: skip
def test_an_email_url_that_would_be_misread_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as refused:
        mail_settings(url)
    assert "pass" not in str(refused.value).replace("password", "")
