"""Where the demo's alerts arrive: a mail server and a receiver of webhooks, with a page that shows both.

Nothing is kept but in memory, and no mail goes on from here.
"""

import base64
import email
import email.policy
import hmac
import html
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Self

# Messages that are kept, and bytes of one.
KEPT, MOST = 200, 1_000_000
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "article{border:1px solid #8886;border-radius:8px;padding:.5rem 1rem;margin:1rem 0}"
    "h2{font-size:1rem;margin:.2rem 0}p{margin:.2rem 0;opacity:.75}pre{white-space:pre-wrap;overflow-wrap:anywhere}"
)


@dataclass(frozen=True)
class Arrived:
    """A mail or a webhook: by which way, from whom or about what, and all of it."""

    way: str
    about: str
    subject: str
    text: str
    at: datetime = field(default_factory=lambda: datetime.now().astimezone())


class Inbox:
    """Listens as long as it is entered. `signed_with`: the secret that webhooks are verified with."""

    def __init__(self, host: str, port: int) -> None:
        self.signed_with = ""
        self.arrived: deque[Arrived] = deque(maxlen=KEPT)
        self._mail = _MailServer(("127.0.0.1", 0), _MailHandler)
        self._web = _WebServer((host, port), _WebHandler)
        self._mail.inbox = self._web.inbox = self

    @property
    def email_url(self) -> str:
        """As EMAIL_URL wants it."""
        return f"smtp://127.0.0.1:{self._mail.server_address[1]}"

    @property
    def address(self) -> str:
        """Of the page; webhooks go to `/hook` there."""
        return f"http://127.0.0.1:{self._web.server_address[1]}"

    def __enter__(self) -> Self:
        for server in (self._mail, self._web):
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in (self._mail, self._web):
            server.shutdown()
            server.server_close()

    def is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        """Whether a signature of the webhook is by our secret, as the convention has it."""
        if not self.signed_with:
            return False
        key = base64.b64decode(self.signed_with.removeprefix("whsec_"))
        signed = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
        ours = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        return any(hmac.compare_digest(ours, each) for each in headers.get("webhook-signature", "").split())

    def page(self) -> str:
        """What has arrived, the latest first."""
        said = "".join(
            f"<article><h2>{html.escape(each.subject)}</h2><p>{each.way} · {html.escape(each.about)} · "
            f"{each.at:%H:%M:%S}</p><pre>{html.escape(each.text)}</pre></article>"
            for each in reversed(list(self.arrived))
        )
        return (
            "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=3>"
            f"<title>Inbox of the demo</title><style>{_STYLE}</style><h1>Inbox of the demo</h1>"
            f"<p>Mails and webhooks of the demo's channels arrive here, the latest first. "
            f"A webhook of your own is aimed at <code>{self.address}/hook</code>.</p>"
            f"{said or '<p>Nothing has arrived yet: the first alert comes within half a minute.</p>'}"
        )


class _MailServer(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    inbox: Inbox


class _WebServer(ThreadingHTTPServer):
    daemon_threads = True
    inbox: Inbox


class _MailHandler(StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client needs to get rid of a mail."""

    timeout = 30
    server: _MailServer

    def handle(self) -> None:
        self._say("220 inbox of the demo")
        recipients: list[str] = []
        while line := self.rfile.readline(2000):
            verb = line[:4].upper().strip()
            match verb:
                case b"QUIT":
                    self._say("221 bye")
                    return
                case b"RCPT":
                    recipients.append(line.decode("utf-8", "replace").partition(":")[2].strip(" <>\r\n"))
                    self._say("250 ok")
                case b"DATA":
                    self._say("354 go on, and end with a dot")
                    self._keep(recipients, self._data())
                    recipients = []
                    self._say("250 ok")
                case _:
                    self._say("250 ok")

    def _data(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline(MOST)) not in (b".\r\n", b".\n", b""):
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)[:MOST]

    def _keep(self, recipients: list[str], data: bytes) -> None:
        mail = email.message_from_bytes(data, policy=email.policy.default)
        part = mail.get_body(("plain", "html"))
        text = part.get_content() if part else ""
        self.server.inbox.arrived.append(Arrived("Mail", ", ".join(recipients), str(mail["Subject"]), str(text)))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _WebHandler(BaseHTTPRequestHandler):
    timeout = 30
    server: _WebServer

    def do_GET(self) -> None:
        self._answer(200, self.server.inbox.page().encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MOST))
        signed = self.server.inbox.is_signed({name.lower(): value for name, value in self.headers.items()}, body)
        try:
            said = json.loads(body)
            subject, text = said["data"]["subject"], json.dumps(said, indent=2, ensure_ascii=False)
        except (ValueError, KeyError, TypeError):
            self._answer(400, b"This is no webhook of ours.", "text/plain")
            return
        if signed:
            about = "the signature is ours"
        else:
            known = "signed with a secret that the demo does not know"
            about = known if self.headers.get("webhook-signature") else "not signed"
        self.server.inbox.arrived.append(Arrived("Webhook", about, str(subject), text))
        self._answer(204, b"", "text/plain")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the page does."""
