"""The schema, the page that shows it, and paths that are not there."""

from typing import Any, ClassVar

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
