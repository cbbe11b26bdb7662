"""Pages for leaders: the portfolio, and the report of a programme."""

from web.portfolio import page, programme
from web.portfolio.blueprint import blueprint

__all__ = ["blueprint", "page", "programme"]
