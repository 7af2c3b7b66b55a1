"""Who is in the demo: an admin, two users with destinations, and one without."""

from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.models import Workflow
from sync.operations import make_channel

Method = SnowflakeConfiguration.AuthMethod

PASSWORD = "demo"
ADMIN = "admin@example.com"


@dataclass(frozen=True)
class People:
    """The users of the demo, and a token of the admin's."""

    admin: User
    users: tuple[User, ...]
    token: str


def make_people() -> People:
    """Ada loads with a key pair, Grace with a token into two databases, and Linus has no destination yet."""
    admin = User.objects.create_superuser(ADMIN, PASSWORD, name="Demo admin")
    ada, grace, linus = (
        User.objects.create_user(f"{name.lower()}@example.com", PASSWORD, name=name)
        for name in ("Ada", "Grace", "Linus")
    )
    add_destination(ada, "Ada's warehouse", "ADA_ANALYTICS", Method.KEY_PAIR, _private_key())
    add_destination(grace, "Grace's warehouse", "GRACE_ANALYTICS", Method.ACCESS_TOKEN, "a-token-of-the-demo")
    add_destination(grace, "The agency's", "AGENCY_SHARED", Method.ACCESS_TOKEN, "a-token-of-the-demo")
    _, token = ApiToken.objects.create(admin, name="demo")
    return People(admin, (ada, grace, linus), token)


def workflow_of(user: User, name: str) -> Workflow:
    """The user's workflow of that name, made when it is first needed."""
    key = f"{name.lower().replace(' ', '-')}-{str(user.name).lower()}"
    workflow, _ = Workflow.objects.get_or_create(workflow_id=key, defaults={"name": name, "user": user})
    return workflow


def add_destination(user: User, name: str, database: str, method: Method, secret: str, *, username: str = "") -> None:
    """A destination of the user's on the local Snowflake."""
    configuration = SnowflakeConfiguration(
        user=user,
        name=name,
        account_identifier="demo-sandbox",
        warehouse="LOADING",
        database=database,
        schema="PUBLIC",
        username=username or f"SYNC_{str(user.name).upper()}",
    )
    configuration.set_secret(method, secret)
    configuration.save()


def make_channels(people: People, inbox: str) -> str:
    """Ada is told by mail and by a webhook at the inbox, and the admin of everybody's things by mail; what the webhook
    signs with.
    """
    ada = people.users[0]
    make_channel(ada, "email", {"to": ada.email}, name="Ada's mail")
    make_channel(people.admin, "email", {"to": ADMIN}, name="Operators", everyone=True)
    _, made = make_channel(ada, "webhook", {"url": f"{inbox}/hook"}, name="Ada's webhook")
    return made["signing"]


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
