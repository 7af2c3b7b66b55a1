"""Results to try rules on: orders with e-mails and a status, and a workflow that finishes far too often."""

from datetime import date, timedelta
from random import Random

from sandbox.samples.execution import SampleExecution, columns

_ORDERS = columns(
    order_id="integer",
    customer="string",
    email="string",
    status="string",
    amount="decimal(12,2)",
    day="date",
    internal_note="string",
)
_NAMES = ["Ada", "Grace", "Linus", "Katherine", "José", "Zoë"]


def orders(random: Random) -> SampleExecution:
    """Orders of a shop, paid and open."""
    rows = []
    for number in range(1, random.randint(10, 60)):
        name = random.choice(_NAMES)
        rows.append(
            {
                "order_id": number,
                "customer": name,
                "email": f"{name.lower()}{random.randint(1, 20)}@example.com",
                "status": random.choice(["paid", "paid", "open"]),
                "amount": random.randint(0, 50_000) / 100,
                "day": (date(2025, 6, 1) + timedelta(days=random.randint(0, 90))).isoformat(),
                "internal_note": random.choice([None, "call back", "a regular"]),
            }
        )
    return SampleExecution("Orders", _ORDERS, rows)


def heartbeat(random: Random) -> SampleExecution:
    """One row that nobody needs in a warehouse."""
    made = columns(ok="boolean", milliseconds="integer")
    return SampleExecution("Heartbeat", made, [{"ok": True, "milliseconds": random.randint(1, 900)}])
