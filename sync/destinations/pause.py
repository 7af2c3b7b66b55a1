"""Pausing a destination by hand, and ending any pause."""

from uuid import UUID

from sync.destinations import breaker
from sync import queue


def pause_by_hand(configuration_id: UUID) -> None:
    """Nothing is loaded there until `resume_by_hand`; its items wait, and keep their retries."""
    breaker.pause_by_hand(configuration_id)


def resume_by_hand(configuration_id: UUID) -> None:
    """Whatever paused it: its items are due again. Credentials that were refused are tried anew."""
    breaker.resume_destination(configuration_id, by_hand=True)
