"""Reports: one snapshot in the formats that people take away. To add a format, write one function Report -> bytes."""

from collections.abc import Callable

from experiments.reports import csv, html, json
from experiments.reports.model import Report

FORMATS: dict[str, Callable[[Report], bytes]] = {"html": html.render, "csv": csv.render, "json": json.render}
MEDIA_TYPES = {"html": "text/html", "csv": "text/csv", "json": "application/json"}

__all__ = ["FORMATS", "MEDIA_TYPES", "Report"]
