"""The words in which the shapes of requests and answers are written: fields that begin with what there is to say."""

from typing import Any

from rest_framework import serializers


class _Said:
    def __init__(self, help_text: str | None = None, **options: Any) -> None:
        super().__init__(help_text=help_text, **options)  # type: ignore[call-arg]  # of a field


class Text(_Said, serializers.CharField):
    pass


class Number(_Said, serializers.IntegerField):
    pass


class Flag(_Said, serializers.BooleanField):
    pass


class Moment(_Said, serializers.DateTimeField):
    pass


class Some(serializers.ListField):
    """Several of a kind."""

    def __init__(self, child: Any, help_text: str | None = None, **options: Any) -> None:
        super().__init__(child=child, help_text=help_text, **options)


class Counts(serializers.DictField):
    """How many of each."""

    def __init__(self, help_text: str | None = None) -> None:
        super().__init__(child=serializers.IntegerField(), help_text=help_text)


class Shape(serializers.Serializer[Any]):  # no docstring: it would be the description of every one in the schema
    pass


def names(words: str) -> tuple[str, ...]:
    """Of fields, between blanks."""
    return tuple(words.split())
