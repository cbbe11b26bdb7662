"""A Flask shop with one experiment. Run it: `gunicorn --preload examples.flask_shop:app`."""

import os

from flask import Flask, request

import keepers
from keepers.wsgi import KeepersMiddleware

client = keepers.Client(os.environ["KEEPERS_URL"], key=os.environ["KEEPERS_KEY"])
app = Flask(__name__)
app.wsgi_app = KeepersMiddleware(app.wsgi_app, client)  # type: ignore[method-assign]


@app.get("/")
def checkout() -> str:
    """Show the button that this visitor was assigned; the exposure is logged, once."""
    user = request.environ["keepers"]
    if user.variant("checkout-cta", country=request.headers.get("X-Country", "")) == "treatment":
        return '<form method="post" action="/buy"><button>Buy now, pay later</button></form>'
    return '<form method="post" action="/buy"><button>Buy</button></form>'


@app.post("/buy")
def buy() -> str:
    """Log what the experiment is to change."""
    request.environ["keepers"].track("purchase", value=42.0, currency="EUR")
    return "Thank you"
