"""Writes dashboard.json, for Grafana 11 and later: `python deploy/grafana/dashboard.py`, with grafana-foundation-sdk.

Panels answer in this order: does it work, is it late, what fails, how much goes through, what it costs.
"""

import json
from pathlib import Path
from typing import TypeVar

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions, StackingConfig, VizLegendOptions
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import BigValueColorMode, GraphDrawStyle, LegendDisplayMode, StackingMode
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef, Threshold, ThresholdsMode

FILE = Path(__file__).with_name("dashboard.json")
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, ORANGE, RED = "green", "orange", "red"

Panel = TypeVar("Panel", stat.Panel, timeseries.Panel)
# Several web processes say the same, so the largest of each is taken before anything is added up.
PER_CODE = "max by (code, outcome) (rate(snowflake_sync_failures_total[$__rate_interval]))"


def queries(panel: Panel, *asked: tuple[str, str]) -> Panel:
    """The panel, with a line for each expression and its legend."""
    for number, (expression, legend) in enumerate(asked):
        query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(chr(ord("A") + number))
        panel = panel.with_target(query.datasource(SOURCE))
    return panel.datasource(SOURCE)


def figure(title: str, said: str, expression: str, unit: str, *steps: tuple[float | None, str]) -> stat.Panel:
    """One number, coloured by the steps."""
    panel = stat.Panel().title(title).description(said).unit(unit).height(4).span(4)
    panel = panel.reduce_options(ReduceDataOptions().calcs(["lastNotNull"])).color_mode(BigValueColorMode.BACKGROUND)
    return queries(panel.thresholds(_thresholds(*steps)), (expression, ""))


def chart(title: str, said: str, unit: str, *asked: tuple[str, str], is_stacked: bool = False) -> timeseries.Panel:
    """Lines over time; stacked, their sum is to be seen, too."""
    panel = timeseries.Panel().title(title).description(said).unit(unit).height(8).span(12).min(0)
    panel = panel.legend(VizLegendOptions().display_mode(LegendDisplayMode.LIST))
    if is_stacked:
        panel = panel.stacking(StackingConfig().mode(StackingMode.NORMAL)).draw_style(GraphDrawStyle.BARS)
        panel = panel.fill_opacity(60)
    return queries(panel, *asked)


def _thresholds(*steps: tuple[float | None, str]) -> dashboard.ThresholdsConfig:
    made = [Threshold(value=value, color=color) for value, color in steps]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(made)


def made() -> dashboard.Dashboard:
    """The dashboard, not built yet."""
    board = dashboard.Dashboard("Universal Snowflake Sync").uid("snowflake-sync").tags(["snowflake-sync"])
    board = board.refresh("30s").time("now-24h", "now").timezone("browser").tooltip(DashboardCursorSync.CROSSHAIR)
    source = dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
    for panel in (*_figures(), *_charts()):
        board = board.with_panel(panel)
    return board.with_variable(source)


def _figures() -> list[stat.Panel]:
    due = "For how long the oldest result that could be loaded has waited; those of paused destinations do not count."
    return [
        figure(
            "Live workers",
            "Processes that gave a sign of life lately. None: nothing is loaded.",
            'max(snowflake_sync_workers{state="live"})',
            "short",
            (None, RED),
            (1, GREEN),
        ),
        figure(
            "Oldest due", due, "max(snowflake_sync_oldest_due_seconds)", "s", (None, GREEN), (120, ORANGE), (900, RED)
        ),
        figure(
            "Waiting",
            "Results that wait, for whatever reason.",
            'max(snowflake_sync_items{status="pending"})',
            "short",
            (None, GREEN),
        ),
        figure(
            "Failed",
            "Results that failed for good and were not retried or skipped since.",
            'max(snowflake_sync_items{status="failed"})',
            "short",
            (None, GREEN),
            (1, ORANGE),
        ),
        figure(
            "Destinations paused",
            "Nothing is sent there; what waits keeps its retries.",
            'max(snowflake_sync_destinations{state="paused"})',
            "short",
            (None, GREEN),
            (1, ORANGE),
        ),
        figure(
            "Workers held back",
            "Their host cannot hold the files of results.",
            'max(snowflake_sync_workers{state="held_back"})',
            "short",
            (None, GREEN),
            (1, RED),
        ),
    ]


def _charts() -> list[timeseries.Panel]:
    failed = 'snowflake_sync_failures_total{outcome=~"failed|retry"}'
    loaded = 'snowflake_sync_attempts_total{outcome="completed"}'
    waits = [
        (
            f"histogram_quantile({share}, max by (le) (rate(snowflake_sync_{name}_seconds_bucket[$__rate_interval])))",
            f"{words}, {legend}",
        )
        for name, words in (("claim_wait", "until claimed"), ("load", "until loaded"))
        for share, legend in ((0.5, "half"), (0.95, "19 of 20"))
    ]
    return [
        chart(
            "Attempts that ended",
            "By what became of them.",
            "ops",
            ("max by (outcome) (rate(snowflake_sync_attempts_total[$__rate_interval]))", "{{outcome}}"),
            is_stacked=True,
        ),
        chart(
            "Failures by reason",
            "Failed for good, to be tried again, or the destination paused.",
            "ops",
            (PER_CODE, "{{code}}, {{outcome}}"),
            is_stacked=True,
        ),
        chart("How long it takes", "From due to claimed by a worker, and from claimed to loaded.", "s", *waits),
        chart(
            "Is it worse than usual?",
            "Attempts that failed or are to be tried again, beside the same hours a week before.",
            "ops",
            (f"sum(max by (code, outcome) (rate({failed}[30m])))", "now"),
            (f"sum(max by (code, outcome) (rate({failed}[30m] offset 7d)))", "a week before"),
        ),
        chart(
            "Rows and bytes",
            "Loaded; bytes are those of the compressed files.",
            "short",
            ("max(rate(snowflake_sync_rows_total[$__rate_interval]))", "rows a second"),
            ("max(rate(snowflake_sync_bytes_total[$__rate_interval]))", "bytes a second"),
        ),
        chart(
            "Statements for each result",
            "What Snowflake was sent, divided by the results that were loaded: the cost.",
            "short",
            (f"max(rate(snowflake_sync_statements_total[1h])) / max(rate({loaded}[1h]))", "statements"),
        ),
        chart(
            "In flight, and workers",
            "What workers are loading at the moment.",
            "short",
            ("max(snowflake_sync_in_flight)", "in flight"),
            ("max by (state) (snowflake_sync_workers)", "workers, {{state}}"),
        ),
        chart(
            "Waiting and late",
            "Results by status, and paused destinations by reason.",
            "short",
            ('max by (status) (snowflake_sync_items{status=~"pending|processing|failed"})', "{{status}}"),
            ("max by (code) (snowflake_sync_destinations_paused)", "paused: {{code}}"),
        ),
    ]


def written() -> str:
    """The file. What the kit says of every variable belongs to those of an interval alone, by Grafana's schema."""
    document = json.loads(JSONEncoder(sort_keys=True).encode(made().build()))
    for variable in document["templating"]["list"]:
        for key in ("auto", "auto_count", "auto_min"):
            variable.pop(key, None)
    return json.dumps(document, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(written())
