"""The blueprint that the pages of the portfolio share."""

from flask import Blueprint

blueprint = Blueprint("portfolio", __name__)
