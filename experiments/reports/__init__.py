"""Reports: one snapshot in the formats that people take away. To add a format, write a module with a function
`render(report) -> bytes` and a line here. A format's libraries are loaded when it is first asked for.
"""

from dataclasses import dataclass
from importlib import import_module

from experiments.errors import NotReady
from experiments.reports.model import Report


@dataclass(frozen=True)
class Format:
    """One format: the module that makes it, its media type, and what people are told of it."""

    module: str
    media_type: str
    title: str
    about: str

    def __call__(self, report: Report) -> bytes:
        """Render a report; NotReady if this installation lacks the format's library."""
        try:
            made: bytes = import_module(f"experiments.reports.{self.module}").render(report)
        except ModuleNotFoundError as error:
            raise NotReady(
                f"this format needs '{error.name}', which is missing. Run: pip install 'keepers-platform[reports]'"
            ) from None
        return made


OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS: dict[str, Format] = {
    "html": Format("html", "text/html", "One page", "for reading and printing (HTML)"),
    "pdf": Format("pdf", "application/pdf", "Paper", "the page to send and to keep (PDF)"),
    "pptx": Format("pptx", f"{OFFICE}.presentationml.presentation", "Slides", "five, to edit and present (PowerPoint)"),
    "xlsx": Format("xlsx", f"{OFFICE}.spreadsheetml.sheet", "Workbook", "every number, typed (Excel)"),
    "md": Format("markdown", "text/markdown", "Text", "for wikis and pull requests (Markdown)"),
    "csv": Format("csv", "text/csv", "Table", "a row for each estimate (CSV)"),
    "json": Format("json", "application/json", "Everything", "for programs (JSON)"),
    "ipynb": Format("notebook", "application/x-ipynb+json", "Notebook", "computes it all again (Jupyter)"),
}
MEDIA_TYPES = {name: form.media_type for name, form in FORMATS.items()}

__all__ = ["FORMATS", "MEDIA_TYPES", "Format", "Report"]
