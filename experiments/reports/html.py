"""The report as one self-contained HTML page: styles and drawings inside, nothing fetched."""

from markupsafe import Markup

from experiments.reports.model import Report
from experiments.reports.page import page
from experiments.reports.tables import shown
from experiments.reports.wording import TEMPLATES, environment


def render(report: Report) -> bytes:
    """Return UTF-8 HTML: one page in the order of a reader's questions, the verdict first, then all numbers."""
    style = Markup((TEMPLATES / "report.css").read_text())  # ours, so it needs no escaping
    template = environment().get_template("report.html")
    return template.render(page=page(report), tables=shown(report), style=style).encode()
