"""Signing in with a company's account by OpenID Connect: a code with PKCE, a nonce, and a verified e-mail address."""

from datetime import UTC, datetime
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, render_template, request, session, url_for
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from experiments.errors import Refused
from experiments.registry import sessions, users
from experiments.settings import SingleSignOn
from web.access import local, open_to_all
from web.sign_in import enter
from web.stores import stores

blueprint = Blueprint("single_sign_on", __name__)
SECONDS = 10  # for the provider to answer


def init(app: Flask) -> None:
    """Know the identity provider, if there is one; it is asked for its addresses and keys when first needed."""
    chosen: SingleSignOn | None = app.extensions["keepers"].settings.single_sign_on
    if chosen is None:
        return
    known = OAuth(app)
    known.register(
        "provider", client_id=chosen.client_id, client_secret=chosen.client_secret.decode(),
        server_metadata_url=f"{chosen.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": SECONDS},
    )  # fmt: skip
    app.extensions["keepers-provider"] = known.provider


@blueprint.get("/sign-in/company")
@open_to_all
def begin() -> Response | tuple[str, int]:
    """Send the browser to the provider, with a state, a nonce and a challenge that only this browser can answer."""
    provider = _provider()
    session["heading"] = local(request.args.get("next"), "")
    try:
        answer: Response = provider.authorize_redirect(_address())
    except (AuthlibBaseError, requests.RequestException) as error:
        return _failed(error)
    return answer


@blueprint.get("/sign-in/company/back")
@open_to_all
def back() -> Response | tuple[str, int]:
    """Let in whom the provider vouches for, if their address is verified and of a domain that may come in."""
    provider, heading = _provider(), session.get("heading", "")
    try:
        claims = provider.authorize_access_token().get("userinfo") or {}
        person = _person(provider.load_server_metadata().get("issuer"), claims)
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError) as error:
        return _failed(error)
    except Refused as error:
        users.refused(stores().db, str(claims.get("email", "")), str(error).rstrip("."))
        return _page(str(error), 403)
    browser = request.headers.get("User-Agent", "")
    token = sessions.start(stores().db, person, browser, datetime.now(UTC), "the company's account")
    return enter(person, token, heading)


def _person(issuer: Any, claims: dict[str, Any]) -> users.User:
    """Return the account of whoever the claims speak of. Refused for who may not come in."""
    chosen, given = _chosen(), str(claims.get("email", "")).strip()
    email = given.lower()
    if issuer != chosen.issuer or not claims.get("sub"):
        raise Refused("The provider is another one than the one that was set up, or it names nobody.")
    if claims.get("email_verified") is not True:
        raise Refused("The provider has not verified the e-mail address. Verify it there, then sign in again.")
    if email.rpartition("@")[2] not in chosen.domains or not users.ADDRESS.fullmatch(given):
        raise Refused("Addresses of this domain may not sign in here. Ask an administrator for an account.")
    name = str(claims.get("name") or email)[:200]
    return users.by_subject(stores().db, f"{issuer}|{claims['sub']}"[:400], email, name, chosen.role)


def _provider() -> Any:
    return current_app.extensions.get("keepers-provider") or abort(404)


def _chosen() -> SingleSignOn:
    return stores().settings.single_sign_on or abort(404)


def _address() -> str:
    """Where the provider sends the browser back to: by the address that was set, as a Host header may say anything."""
    path = url_for("single_sign_on.back")
    return f"{stores().settings.address or request.host_url.rstrip('/')}{path}"


def _failed(error: Exception) -> tuple[str, int]:
    """Say no without saying more than who asks may know; the log of the server has the reason."""
    current_app.logger.warning("single sign-on failed: %s", type(error).__name__)
    down = isinstance(error, requests.RequestException)
    text = "The company's sign-in does not answer." if down else "The company's sign-in was not completed."
    return _page(f"{text} Begin again; if it happens twice, tell whoever runs this.", 503 if down else 401)


def _page(problem: str, status: int) -> tuple[str, int]:
    return render_template("sign_in/page.html", email="", next="", problem=problem), status
