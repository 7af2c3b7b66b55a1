"""What is done to a destination, in the log of who changed what."""

import logging
from typing import Any
from uuid import UUID

from django.db import Error, transaction

from accounts.models import SnowflakeConfiguration
from sync.activity import Kind, record
from sync.postgres import first_line

logger = logging.getLogger(__name__)


def note(action: str, configuration: SnowflakeConfiguration, **more: Any) -> None:
    """Writes it in the transaction that is open."""
    record(action, Kind.DESTINATION, configuration.pk, configuration, owner_id=configuration.user_id, **more)


def note_by_id(action: str, configuration_id: UUID, **more: Any) -> None:
    """The same; nothing of one that is gone."""
    found = SnowflakeConfiguration.objects.select_related(None).filter(pk=configuration_id)
    if configuration := found.only("name", "account_identifier", "database", "schema", "user_id").first():
        note(action, configuration, **more)


def note_if_possible(action: str, configuration_id: UUID, **more: Any) -> None:
    """For what must be so in any case: a destination whose account would be locked is paused also without an entry."""
    try:
        with transaction.atomic():
            note_by_id(action, configuration_id, **more)
    except Error as error:
        logger.warning("Destination %s: %s could not be recorded: %s", configuration_id, action, first_line(error))
