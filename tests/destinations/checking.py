"""What the tests of the check share."""

from snowflake.connector.errors import ProgrammingError

from accounts.models import SnowflakeConfiguration
from sync.destinations.check import Report, check_configuration
from sync.snowflake import statements
from sync.snowflake.setup import TITLES, Step
from tests.world import World


def run(world: World) -> Report:
    return check_configuration(world.configuration.pk)


def failed(report: Report) -> Step:
    """The one step that failed; all before it are ok, all behind it were not reached."""
    states = [step.status.value for step in report.checked.steps]
    at = states.index("failed")
    assert states == ["ok"] * at + ["failed"] + ["not_reached"] * (len(TITLES) - at - 1)
    return report.checked.steps[at]


def left_behind(world: World) -> list[str]:
    """Tables, stages and staged files of the test's schema."""
    tables = world.snowflake.rows("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC'")
    try:
        files = world.snowflake.rows(f'LIST @"{world.snowflake.database}"."PUBLIC".{statements.STAGE}')
    except ProgrammingError:  # there is none
        return [str(row[0]) for row in tables]
    return ["the stage", *(str(row[0]) for row in [*tables, *files])]


def logins(world: World) -> int:
    name = world.configuration.username
    return sum(login.user.upper() == name.upper() for login in world.snowflake.server.logins())


def stored(world: World) -> SnowflakeConfiguration:
    return SnowflakeConfiguration.objects.get(pk=world.configuration.pk)
