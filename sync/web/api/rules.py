"""/api/snowflake/configurations/{id}/rules: which executions, columns and rows go to a destination."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import SnowflakeConfiguration
from sync.models import WorkflowExecution
from sync.operations import (
    NEW_KEY,
    Changed,
    Loaded,
    NoSuchRuleError,
    add_rule,
    change_rules,
    check_rules,
    count_to_retry,
    delete_rule,
    described,
    edit_rule,
    rotate_hash_key,
    rule_versions,
)
from sync.reporting import VIEW_RESULTS, may
from sync.rules import RulesError
from sync.web.api import rules_fields as fields
from sync.web.api.answers import conflict
from sync.web.api.base import DestinationViewSet
from sync.web.api.parsing import body, parameters
from sync.web.api.problems import not_found
from sync.web.api.scope import current_user, find_configuration

# Seconds that a change looks at recent results, for what is to be said of the rules.
CHECKING = 3.0
_CHANGED = conflict("Somebody else has changed the rules meanwhile, or what is stored cannot be read; `detail` says.")


# Constants and comparisons of rules are nobody's business either.
@method_decorator(sensitive_post_parameters(), name="dispatch")
class RulesOfDestination(DestinationViewSet):
    """The rules of a destination that the token's user may see."""

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case NoSuchRuleError():
                exc = not_found("rule")
            case WorkflowExecution.DoesNotExist():
                exc = not_found("execution")
            case SnowflakeConfiguration.DoesNotExist():
                exc = not_found("Snowflake configuration")
        return super().handle_exception(exc)


class RuleViewSet(RulesOfDestination):
    """What they are."""

    demands: ClassVar[dict[str, str]] = dict.fromkeys(
        ("update", "create", "partial_update", "destroy", "hash_key"), "accounts.change_snowflakeconfiguration"
    )

    @extend_schema(
        operation_id="read_rules",
        summary="The rules of a destination, in order",
        description="`rules` is what PUT takes, with `version`.",
        responses=forced_singular_serializer(fields.Rules),  # type: ignore[no-untyped-call]
    )
    def list(self, request: Request, id: str) -> Response:  # noqa: A002 - the path's word
        return Response(_rules(find_configuration(request, id)))

    @extend_schema(
        operation_id="change_rules",
        summary="Put these rules in place of all that there are",
        description="What waits is loaded by the new ones. What is loaded stays as it is: `effect` counts it, `reload` "
        "loads it again.",
        request=fields.WantedRules,
        responses={200: fields.RulesChanged, **_CHANGED},
    )
    def update(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.WantedRules, request)
        with rules_named("rules"):
            changed = change_rules(
                configuration.pk, sent["rules"], author=_author(request), expected_version=sent["version"]
            )
        return _changed(request, configuration, changed)

    @extend_schema(
        operation_id="add_rule",
        summary="One rule more",
        description="The last, unless `position` says otherwise.",
        request=fields.NewRule,
        responses={201: fields.RulesChanged, **_CHANGED},
    )
    def create(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.NewRule, request)
        with rules_named("rule", one=True):
            changed = add_rule(configuration.pk, sent["rule"], **_options(request, sent))
        return _changed(request, configuration, changed, HTTPStatus.CREATED)

    @extend_schema(
        operation_id="edit_rule",
        summary="Change one rule, move it, switch it on or off",
        description='Only what is sent is changed: `{"rule": {"enabled": false}}` switches it off.',
        request=fields.RuleChange,
        responses={200: fields.RulesChanged, **_CHANGED},
    )
    def partial_update(self, request: Request, id: str, name: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.RuleChange, request)
        with rules_named("rule", one=True):
            changed = edit_rule(configuration.pk, name, sent["rule"], **_options(request, sent))
        return _changed(request, configuration, changed)

    @extend_schema(
        operation_id="delete_rule",
        summary="Take one rule away",
        parameters=[fields.SeenVersion],
        responses={200: fields.RulesChanged, **_CHANGED},
    )
    def destroy(self, request: Request, id: str, name: str) -> Response:  # noqa: A002
        configuration, query = find_configuration(request, id), parameters(fields.SeenVersion, request)
        changed = delete_rule(configuration.pk, name, author=_author(request), expected_version=query.get("version"))
        return _changed(request, configuration, changed)

    @extend_schema(
        operation_id="rotate_hash_key",
        summary="Hash with a new key from now on",
        description=NEW_KEY,
        request=fields.SeenVersion,
        responses={200: fields.KeyChanged, **conflict("Nothing is hashed, or the rules have changed meanwhile.")},
    )
    def hash_key(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.SeenVersion, request)
        rotate_hash_key(configuration.pk, author=_author(request), expected_version=sent.get("version"))
        last, _ = described(configuration.pk)
        return Response({**fields.RuleVersion(last).data, "message": NEW_KEY})

    @extend_schema(
        operation_id="list_rule_versions",
        summary="Who changed the rules, and when, the latest first",
        parameters=[fields.VersionParameters],
        responses=forced_singular_serializer(fields.RuleVersions),  # type: ignore[no-untyped-call]
    )
    def versions(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, query = find_configuration(request, id), parameters(fields.VersionParameters, request)
        found = rule_versions(configuration.pk, limit=query["limit"], before=query.get("before"))
        return Response(fields.RuleVersions({"items": found}).data)

    @extend_schema(
        operation_id="read_rule_version",
        summary="The rules as they were at a version",
        responses=fields.RulesAt,
    )
    def version(self, request: Request, id: str, version: int) -> Response:  # noqa: A002
        found = rule_versions(find_configuration(request, id).pk, limit=1, before=version + 1)
        if not found or found[0].version != version:
            raise not_found("version")
        return Response(fields.RulesAt(found[0]).data)


@contextmanager
def rules_named(field: str, *, one: bool = False) -> Iterator[None]:
    """What is wrong with a document is named by its place in the field; in that of one rule, which has no number."""
    try:
        yield
    except RulesError as error:
        said = defaultdict(list)
        for place, problem in error.problems:
            said[".".join([field, *map(str, place[one:])])].append(ErrorDetail(problem, "rule"))
        raise ValidationError(dict(said)) from None


def _author(request: Request) -> str:
    return current_user(request).email


def _options(request: Request, sent: dict[str, Any]) -> dict[str, Any]:
    """Of a change of one rule."""
    return {
        "author": _author(request),
        "position": sent.get("position"),
        "expected_version": sent.get("version"),
    }


def _rules(configuration: SnowflakeConfiguration) -> dict[str, Any]:
    version, rows = described(configuration.pk)
    version.about = rows  # type: ignore[attr-defined]  # for the answer
    return dict(fields.Rules(version).data)


def _changed(
    request: Request, configuration: SnowflakeConfiguration, changed: Changed, status: int = HTTPStatus.OK
) -> Response:
    """The rules, what has become of them, and what there is to say of them."""
    done: dict[str, Any] = {
        "changed": changed.is_new,
        "released": changed.released,
        "to_retry": count_to_retry(Loaded(configuration.pk)),
    }
    # What conditions match tells values.
    may_see = may(current_user(request), VIEW_RESULTS)
    found = check_rules(configuration, changed.rules, seconds=CHECKING) if may_see else []
    done["findings"] = [one.as_json() for one in found]
    return Response({**_rules(configuration), **done}, status=status)
