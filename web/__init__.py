"""The web: pages for people and the collector for SDKs. A thin shell: it loads, checks, asks `experiments`, renders."""

from flask import Flask

from experiments.reports.escaping import Quick
from experiments.settings import Settings
from web import (
    access,
    account,
    api,
    audit,
    collector,
    compression,
    errors,
    events,
    experiments,
    health,
    keys,
    learnings,
    limiting,
    logs,
    metrics,
    monitoring,
    people,
    portfolio,
    reading,
    security,
    sign_in,
    single_sign_on,
    uploads,
    words,
)
from web.experiments import share
from web.stores import Stores

LARGEST_REQUEST = 1 << 20  # bytes as sent; the collector allows its senders this much, forms need far less

PARTS = (
    uploads, reading, security, logs, monitoring, limiting, audit, access, single_sign_on, errors, words, compression,
)  # fmt: skip
NOUNS = (
    sign_in,
    single_sign_on,
    experiments,
    portfolio,
    learnings,
    events,
    metrics,
    keys,
    people,
    account,
    audit,
    collector,
    health,
    monitoring,
    api,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for one installation; without settings they come from the environment.

    The registry and the inbox must have been migrated (`keepers init`).
    """
    app = Flask(__name__)
    settings = settings or Settings.load()
    app.config.update(SECRET_KEY=settings.secret, MAX_CONTENT_LENGTH=LARGEST_REQUEST)
    app.extensions["keepers"] = Stores.open(settings)
    app.jinja_env.template_class = Quick
    for part in PARTS:
        part.init(app)
    for noun in NOUNS:
        app.register_blueprint(noun.blueprint)
    app.register_blueprint(share.shared)
    return app
