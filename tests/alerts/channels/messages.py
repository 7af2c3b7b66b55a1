"""Messages to send."""

from sync.alerts import Event, Message

OPENED = Message(
    Event.OPENED,
    "Destination Prod is paused: the password was refused",
    "Destination Prod is paused.\nWhat to do: enter the password again.\nhttps://sync.example.com/destinations/1",
    "alert.opened",
    "2026-11-29T16:00:00Z",
    html="<p>Destination <b>Prod</b> is paused.</p>",
    data={"alerts": [{"kind": "destination_paused", "key": "1", "since": "2026-11-29T15:58:00Z"}]},
)
CLOSED = Message(
    Event.CLOSED, "Destination Prod works again", "It was paused for 4 minutes.", "alert.closed",
    "2026-11-29T16:04:00Z", data=OPENED.data,
)  # fmt: skip
