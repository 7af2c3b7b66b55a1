"""Microsoft Teams, by a workflow that posts what it gets: an Adaptive Card.

https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
"""

import json
from collections.abc import Mapping

from sync.alerts.channels.kind import ChannelKind, Field, matching
from sync.alerts.channels.webhook import answered
from sync.alerts.message import Answer, Message

# Workflows have hosts of their own, all of them under these two domains.
_ADDRESS = (
    r"https://[a-z0-9-]+(\.[a-z0-9-]+)*\.(logic\.azure\.com|environment\.api\.powerplatform\.com)(:443)?"
    r"/[A-Za-z0-9/_-]+\?[A-Za-z0-9=&%._/-]+"
)


def _send(_settings: Mapping[str, str], stored: Mapping[str, str], message: Message, _delivery_id: str) -> Answer:
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": [_block(message.subject, weight="Bolder", size="Medium"), _block(message.text)],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    body = json.dumps({"type": "message", "attachments": [content]}).encode()
    return answered(stored["url"], body, {"Content-Type": "application/json"}, quotes=False)


def _block(text: str, **look: str) -> dict[str, object]:
    # A text run is shown as it is; the text of a TextBlock would be read as Markdown.
    run = {"type": "TextRun", "text": text[:8000], **look}
    return {"type": "RichTextBlock", "inlines": [run]}


TEAMS = ChannelKind(
    label="Microsoft Teams",
    help="By a workflow: in Teams, a channel's \u2026, Workflows, \u201cSend webhook alerts to a channel\u201d.",
    fields=(
        Field(
            "url",
            "Address of the workflow",
            "As Teams shows it when the workflow is made.",
            secret=True,
            check=matching(
                _ADDRESS,
                "This is no address of a workflow: it begins with https://, and its host ends in logic.azure.com or "
                "environment.api.powerplatform.com.",
            ),
        ),
    ),
    send=_send,
)
