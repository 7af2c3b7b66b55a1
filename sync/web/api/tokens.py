"""/api/snowflake-sync/tokens: the asking user's own tokens."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken
from sync.operations import NoSuchMakerError, make_token, revoke_tokens
from sync.web.api.answers import ProblemDocument
from sync.web.api.base import SyncViewSet
from sync.web.api.parsing import ClosedSerializer, body
from sync.web.api.problems import MEDIA_TYPE, Problem, not_found
from sync.web.api.scope import current_user

_MOST = 500
STATES = ["valid", "revoked", "expired"]


class WantedToken(ClosedSerializer):
    name = serializers.CharField(max_length=100, help_text="What it is for, or where it is kept.")
    expires_in_days = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=36_500,
        help_text="null: as long as the token that asks.",
    )


class Token(serializers.ModelSerializer[ApiToken]):
    begins_with = serializers.CharField(source="token_key", help_text="How the token begins, to tell which it is.")
    state = serializers.ChoiceField(choices=STATES)
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)
    made_with = serializers.IntegerField(
        source="made_with_id", allow_null=True, help_text="The token that asked for it, and with which it is revoked."
    )

    class Meta:
        model = ApiToken
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "name",
            "begins_with",
            "state",
            "created_at",
            "last_used_at",
            "expires_at",
            "made_with",
        )
        extra_kwargs: ClassVar[dict[str, dict[str, Any]]] = {
            "name": {"required": True},
            "last_used_at": {"allow_null": True},
        }


class MadeToken(Token):
    token = serializers.SerializerMethodField(help_text="The token itself: in this answer, and never again.")

    class Meta(Token.Meta):
        fields = (*Token.Meta.fields, "token")

    def get_token(self, _row: ApiToken) -> str:
        return str(self.context["token"])


class TokenList(serializers.Serializer[Any]):
    items = Token(many=True)


class TokenViewSet(SyncViewSet):
    """Nobody else's, whoever asks; staff have others' in the admin."""

    @extend_schema(
        operation_id="list_tokens",
        summary="Your tokens, the newest first",
        description="The last 500; those that are revoked or expired among them.",
        responses=forced_singular_serializer(TokenList),  # type: ignore[no-untyped-call]
    )
    def list(self, request: Request) -> Response:
        found = ApiToken.objects.filter(user=current_user(request)).order_by("-created", "-id")[:_MOST]
        return Response(TokenList({"items": found}).data)

    @extend_schema(
        operation_id="make_token",
        summary="Another token",
        description="It may do what you may, lasts no longer than the token that asks for it, and is revoked with "
        "that one. A token that was made so makes no others.",
        request=WantedToken,
        responses={
            201: MadeToken,
            (403, MEDIA_TYPE): OpenApiResponse(ProblemDocument, "The token that asks was itself made with a token."),
        },
    )
    def create(self, request: Request) -> Response:
        wanted = body(WantedToken, request)
        days = wanted["expires_in_days"]
        lasts = None if days is None else timedelta(days=days)
        asks: Any = request.auth
        try:
            made, text = make_token(current_user(request), wanted["name"], lasts=lasts, made_with=asks)
        except NoSuchMakerError:
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "not_permitted",
                "The token that asks was made with a token, or is revoked: it makes no others.",
                "Ask with a token that you made yourself, on the console's page /me.",
            ) from None
        return Response(MadeToken(made, context={"token": text}).data, status=HTTPStatus.CREATED)

    @extend_schema(
        operation_id="revoke_token",
        summary="Revoke a token",
        description="It, and those made with it, are refused from now on; they stay in the list.",
        responses={204: None},
    )
    def destroy(self, request: Request, token_id: str) -> Response:
        id_ = int(token_id) if token_id.isascii() and token_id.isdigit() and len(token_id) < 19 else 0
        mine = ApiToken.objects.filter(user=current_user(request), pk=id_)
        if not mine.exists():
            raise not_found("token")
        revoke_tokens(mine)
        return Response(status=HTTPStatus.NO_CONTENT)
