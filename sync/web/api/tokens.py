"""/api/snowflake-sync/tokens: the asking user's own tokens."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import ApiToken
from sync.operations import NoSuchMakerError, make_token, revoke_tokens
from sync.web.api.base import SyncViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.problems import Problem, not_found
from sync.web.api.scope import current_user
from sync.web.api.shapes import Moment, Number, Shape, Text, names

_MOST = 500
STATES = ["valid", "revoked", "expired"]


class WantedToken(ClosedSerializer):
    name = Text("What it is for, or where it is kept.", max_length=100)
    expires_in_days = Number(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=36_500,
        help_text="null: as long as the token that asks.",
    )


class Token(serializers.ModelSerializer[ApiToken]):
    begins_with = Text("How the token begins, to tell which it is.", source="token_key")
    state = serializers.ChoiceField(choices=STATES)
    created_at = Moment(source="created")
    expires_at = Moment(source="expiry", allow_null=True)
    made_with = Number(
        source="made_with_id", allow_null=True, help_text="The token that asked for it, and with which it is revoked."
    )

    class Meta:
        model = ApiToken
        fields = names("id name begins_with state created_at last_used_at expires_at made_with")
        extra_kwargs: ClassVar[dict[str, dict[str, Any]]] = {
            "name": {"required": True},
            "last_used_at": {"allow_null": True},
        }


class MadeToken(Token):
    token = Text("The token itself: in this answer, and never again.", read_only=True)

    class Meta(Token.Meta):
        fields = (*Token.Meta.fields, "token")


class TokenList(Shape):
    items = Token(many=True)


class TokenViewSet(SyncViewSet):
    """Nobody else's, whoever asks; staff have others' in the admin."""

    @operation(answer=TokenList)
    def list_tokens(self) -> Any:
        """Your tokens, the newest first.

        The last 500; those that are revoked or expired among them.
        """
        return {"items": self._mine().order_by("-created", "-id")[:_MOST]}

    @operation(
        takes=WantedToken,
        answer=MadeToken,
        status=201,
        problems={403: "The token that asks was itself made with a token."},
        rate="configure",
    )
    def make_token(self, sent: Sent) -> Any:
        """Another token.

        It may do what you may, lasts no longer than the token that asks for it, and is revoked with that one. A token
        that was made so makes no others.
        """
        days, asks = sent["expires_in_days"], cast("ApiToken", self.request.auth)
        lasts = None if days is None else timedelta(days=days)
        try:
            made, text = make_token(current_user(self.request), sent["name"], lasts=lasts, made_with=asks)
        except NoSuchMakerError:
            said = "The token that asks was made with a token, or is revoked: it makes no others."
            what_to_do = "Ask with a token that you made yourself, on the console's page /me."
            raise Problem(HTTPStatus.FORBIDDEN, "not_permitted", said, what_to_do) from None
        made.token = text  # for the answer
        return made

    @operation(status=204, rate="configure")
    def revoke_token(self, token_id: str) -> None:
        """Revoke a token.

        It, and those made with it, are refused from now on; they stay in the list.
        """
        id_ = int(token_id) if token_id.isascii() and token_id.isdigit() and len(token_id) < 19 else 0
        mine = self._mine().filter(pk=id_)
        if not mine.exists():
            raise not_found("token")
        revoke_tokens(mine)

    def _mine(self) -> QuerySet[ApiToken]:
        mine: QuerySet[ApiToken] = ApiToken.objects.filter(user=current_user(self.request))
        return mine
