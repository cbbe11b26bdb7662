"""What every answer carries: a policy that allows no inline script, safe cookies, and forms that prove their origin.

Nothing in a page is inline, neither script nor style, so that the policy needs no nonces: what an attacker got into a
page is never run, as the browser runs files of ours alone.
"""

from flask import Flask, Response, abort, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from web.stores import stores

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ONE_YEAR = "max-age=31536000"
csrf = CSRFProtect()


class Cookies(SecureCookieSessionInterface):
    """Session cookies for HTTPS only where the request came by HTTPS; a local try-out has none."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether this answer's cookie is for HTTPS only."""
        return request.is_secure


def init(app: Flask) -> None:
    """Set headers, cookies and the proof of origin that every form carries; believe our own proxies alone."""
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", WTF_CSRF_TIME_LIMIT=None)
    app.session_interface = Cookies()
    proxies = app.extensions["keepers"].settings.proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # Flask's way
    csrf.init_app(app)
    app.jinja_env.globals.update(root=root)
    app.before_request(_readable)
    app.after_request(_headers)


def root() -> str:
    """Where this installation is, for addresses that people copy: as configured, else as the request says.

    A header Host that somebody forged must not end up in what others are shown.
    """
    return stores().settings.address or request.host_url.rstrip("/")


def _readable() -> None:
    """Refuse NUL, which no name of ours holds and not every database can look for."""
    if "\0" in request.path or any("\0" in value for values in request.args.listvalues() for value in values):
        abort(400, "The address holds the character NUL.")


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", ONE_YEAR)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
