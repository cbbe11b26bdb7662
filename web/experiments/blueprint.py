"""The blueprint that the pages of experiments share."""

from flask import Blueprint

blueprint = Blueprint("experiments", __name__)
