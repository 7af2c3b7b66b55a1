"""/api/snowflake/configurations: destinations, their credentials, set-up and check."""

from typing import Any

from accounts.models import SnowflakeConfiguration
from sync.destinations import (
    KeyStatement,
    activate_rotation,
    begin_rotation,
    change_configuration,
    check_configuration,
    check_slot,
    create_configuration,
    delete_configuration,
    register_statement,
    scripts_of,
)
from sync.errors import SyncError
from sync.reporting import ADD_DESTINATIONS, CHANGE_DESTINATIONS, DELETE_DESTINATIONS, VIEW_DESTINATIONS, catalogue_of
from sync.web.api import configuration_serializers as fields
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import ScopeParameters
from sync.web.api.scope import current_user, scope, visible_configurations

_MOST = 500


class ConfigurationViewSet(DestinationViewSet):
    """The asking user's destinations; for staff who may view them, all."""

    @operation(query=ScopeParameters, answer=fields.ConfigurationList)
    def list_configurations(self, sent: Sent) -> Any:
        """Destinations, the oldest first.

        The first 500 of them; secrets are never in an answer.
        """
        return {"items": visible_configurations(scope(self.request, sent.get("user"), VIEW_DESTINATIONS))[:_MOST]}

    @operation(
        query=ScopeParameters,
        takes=fields.WantedConfiguration,
        answer=fields.ConfigurationWithKey,
        status=201,
        problems={409: "The user has as many destinations as a user may have."},
        demands=ADD_DESTINATIONS,
        rate="configure",
    )
    def create_configuration(self, sent: Sent) -> Any:
        """A new destination.

        Staff may make one for another `user`. A key pair without private_key is made here: `register_key` has the
        statement to run in Snowflake. Nothing is loaded before a check has passed, or a quarter of an hour is over.
        """
        named, secret = sent.pop("user", None), sent.pop("secret")
        owner = scope(self.request, named, VIEW_DESTINATIONS) if named else None
        return _detailed(create_configuration(owner or current_user(self.request).pk, sent, secret))

    @operation(answer=fields.ConfigurationWithKey)
    def read_configuration(self) -> Any:
        """One destination."""
        return _detailed(self.about)

    @operation(
        takes=fields.WantedConfiguration,
        is_partial=True,
        answer=fields.ConfigurationWithKey,
        demands=CHANGE_DESTINATIONS,
        rate="configure",
    )
    def change_configuration(self, sent: Sent) -> Any:
        """Change a destination.

        Only what is sent is changed. What waits is loaded as the destination is then.
        """
        secret = sent.pop("secret")
        return _detailed(change_configuration(self.about.pk, sent, secret))

    @operation(status=204, demands=DELETE_DESTINATIONS, rate="configure")
    def delete_configuration(self) -> None:
        """Delete a destination.

        What waits for it is not loaded any more, and its history goes. Tables in Snowflake stay.
        """
        delete_configuration(self.about.pk)

    @operation(
        answer=fields.CheckAnswer,
        problems={409: "No log-in may be tried now; `detail` says why, and until when."},
        demands=CHANGE_DESTINATIONS,
        rate="check",
    )
    def check_configuration(self) -> Any:
        """Does it work? Step by step.

        Through what loads use, in the real schema; leaves nothing behind. Takes up to a minute or two.
        """
        with check_slot(current_user(self.request).pk):
            return check_configuration(self.about.pk).as_json()

    @operation(answer=fields.SetupAnswer, problems={409: "What is stored cannot be read; `detail` says what."})
    def setup_script(self) -> Any:
        """What an account's administrator pastes into Snowflake."""
        return scripts_of(self.about)

    @operation(
        takes=fields.Rotation,
        answer=fields.RotationAnswer,
        problems={409: "The new key is not in use; `detail` says why. The old one still is."},
        demands=CHANGE_DESTINATIONS,
        rate="check",
    )
    def rotate_key(self, sent: Sent) -> Any:
        """Change the key pair without losing a load.

        First without a body: makes the next pair. Then with `activate`.
        """
        if not sent["activate"]:
            key: KeyStatement | None = begin_rotation(self.about.pk)
            said = "A new key pair waits. Run the statement in Snowflake, then send activate: true. Until then the "
            said += "credentials in use stay in use."
            return {"activated": False, "message": said, "key": key}
        with check_slot(current_user(self.request).pk):
            key = activate_rotation(self.about.pk)
        said = "The new key is in use."
        if key is not None:
            said += " When running loads have ended, in a minute, the statement takes the old key away from the user."
        return {"activated": True, "message": said, "key": key}


def _detailed(configuration: SnowflakeConfiguration) -> SnowflakeConfiguration:
    try:
        configuration.register_key = register_statement(configuration)  # type: ignore[attr-defined]
    except SyncError:  # what is stored cannot be read; the check says so
        configuration.register_key = None  # type: ignore[attr-defined]
    configuration.catalogue = catalogue_of(configuration)  # type: ignore[attr-defined]
    return configuration
