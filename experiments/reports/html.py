"""The report as one self-contained HTML page: styles, drawings and pictures inside, nothing fetched."""

import base64

from markupsafe import Markup

from experiments.reports.model import Report
from experiments.reports.page import page, pictured
from experiments.reports.tables import shown
from experiments.reports.wording import TEMPLATES, environment


def render(report: Report) -> bytes:
    """Return UTF-8 HTML: one page in the order of a reader's questions, the verdict first, then all numbers."""
    style = Markup((TEMPLATES / "report.css").read_text())  # ours, so it needs no escaping
    template = environment().get_template("report.html")
    shots = [(p, base64.b64encode(p.body).decode()) for p in pictured(report)]
    return template.render(page=page(report), tables=shown(report), style=style, shots=shots).encode()
