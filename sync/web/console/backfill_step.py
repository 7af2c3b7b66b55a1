"""What a backfill has counted or queued so far, as its page shows it and sends it along, signed."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from django.core import signing

from accounts.models import SnowflakeConfiguration
from sync.models import Workflow
from sync.operations import BackfillCounts
from sync.reporting import counted

# Days, workflows and destinations of which the dry run says how many; of the rest, how many together.
DAYS, WORKFLOWS, DESTINATIONS = 31, 20, 20
# How long what was counted can be confirmed.
LASTS = timedelta(hours=1)
_SIGNED_FOR = "sync.backfill"


@dataclass(frozen=True)
class Step:
    """What has been done so far, sent along with the page: the time of one request may not be enough.

    `left`: runs that may still be queued; None before the end of the dry run. `asked`: by whom it was asked for, and
    what was.
    """

    counts: BackfillCounts
    left: int | None = None
    asked: str = ""

    @classmethod
    def read(cls, text: str, asked: str) -> "Step | None":
        """None: it was not made here, for somebody or something else, or too long ago."""
        try:
            found = signing.loads(text, salt=_SIGNED_FOR, max_age=LASTS)
        except signing.BadSignature:
            return None
        return cls(BackfillCounts(**found["counts"]), found["left"], asked) if found["asked"] == asked else None

    def __str__(self) -> str:
        # What it is made of is needed only to go on counting.
        ended = self.counts.finished
        counts = replace(self.counts, days={}, workflows={}, destinations={}) if ended else self.counts
        return signing.dumps(asdict(replace(self, counts=counts)), salt=_SIGNED_FOR, compress=True)

    @property
    def wanted(self) -> int:
        """Runs that would be queued."""
        return self.counts.queued if self.left is None else self.left

    @property
    def left_alone(self) -> list[str]:
        """What is left alone, and why."""
        return [f"{counted(number, 'run')} {why}" for number, why in self.counts.why_left_alone]

    @property
    def days(self) -> list[tuple[str, int]]:
        """How many of each day, the latest first; then of all earlier ones."""
        days = sorted(self.counts.days.items(), reverse=True)
        rest = sum(many for _, many in days[DAYS:])
        return [(day or "no day", many) for day, many in days[:DAYS]] + ([("earlier", rest)] if rest else [])

    @property
    def workflows(self) -> list[tuple[str, int]]:
        """How many of each workflow, the most first; then of all others."""
        most = sorted(self.counts.workflows.items(), key=lambda line: (-line[1], line[0]))
        ids = [id_ for id_, _ in most[:WORKFLOWS] if id_]
        names = {str(workflow.pk): str(workflow) for workflow in Workflow.objects.filter(pk__in=ids)}
        rest = sum(many for _, many in most[WORKFLOWS:])
        shown = [(names.get(id_, "without workflow"), many) for id_, many in most[:WORKFLOWS]]
        return shown + ([("all others", rest)] if rest else [])

    @property
    def destinations(self) -> list[tuple[str, int]]:
        """How many go to each destination, the most first; then to all others."""
        most = sorted(self.counts.destinations.items(), key=lambda line: (-line[1], line[0]))
        found = SnowflakeConfiguration.objects.in_bulk([id_ for id_, _ in most[:DESTINATIONS]])
        names = {str(id_): str(one) for id_, one in found.items()}
        rest = sum(many for _, many in most[DESTINATIONS:])
        shown = [(names.get(id_, "one that is gone"), many) for id_, many in most[:DESTINATIONS]]
        return shown + ([("all others", rest)] if rest else [])
