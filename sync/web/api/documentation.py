"""The schema, the page that shows it, and paths that are not there."""

from functools import cache
from typing import Any, ClassVar

from django.http import HttpResponse
from django.views.generic import TemplateView
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, for everyone: as YAML, or as JSON for who asks for that."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes: ClassVar[list[type[BaseRenderer]]] = [OpenApiYamlRenderer, OpenApiJsonRenderer2]  # type: ignore[misc]

    @extend_schema(exclude=True)
    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:
        kind: BaseRenderer = request.accepted_renderer
        name = f'inline; filename="Universal Snowflake Sync.{kind.format}"'
        written = _schema(type(kind))  # type: ignore[arg-type]  # a class can be hashed
        return HttpResponse(written, kind.media_type, headers={"Content-Disposition": name})


@cache
def _schema(kind: type[BaseRenderer]) -> bytes:
    """The same for everyone as long as the process lives, and a second's work."""
    schema = SchemaView.generator_class().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(kind().render(schema, renderer_context={}))  # type: ignore[arg-type]  # none of them gives a text


class DocumentationView(TemplateView):
    """A page that shows the schema. All that it loads is served from here."""

    template_name = "api/docs.html"


@extend_schema(exclude=True)
class NotFoundView(APIView):
    """Whatever else is asked for under /api."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound(f"There is nothing at {request.path}.")

    def get(self, request: Request) -> Response:
        raise NotImplementedError
