"""The programme report of chosen days."""

from web.portfolio.blueprint import blueprint


@blueprint.get("/portfolio/report")
def programme() -> str:
    """To come."""
    return ""
