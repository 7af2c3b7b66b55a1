"""The application's workflows and executions."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sync.admin.base import ReadOnlyAdmin, large
from sync.models import Workflow, WorkflowExecution


@admin.register(Workflow)
class WorkflowAdmin(ReadOnlyAdmin):
    list_display = ("name", "workflow_id", "user")
    list_select_related = ("user",)
    search_fields = ("name", "workflow_id", "user__email")


@admin.register(WorkflowExecution)
class WorkflowExecutionAdmin(ReadOnlyAdmin):
    list_display = ("execution_id", "workflow", "status", "snowflake_status", "snowflake_table_name", "created_at")
    list_filter = ("status", "snowflake_status")
    list_select_related = ("workflow",)
    search_fields = ("execution_id", "workflow__name")
    exclude = ("result_rows", "result_columns")
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowExecution]:
        return super().get_queryset(request).defer(*large())
