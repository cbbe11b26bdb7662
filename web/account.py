"""A person's own account: password, second step, and the browsers in which they are signed in."""

import io
from datetime import UTC, datetime

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from experiments import totp
from experiments.errors import DefinitionError
from experiments.registry import attempts, sessions, users
from web.access import needs
from web.stores import stores

blueprint = Blueprint("account", __name__, url_prefix="/account")
UNKNOWN = "The password is not right, or was tried too often."
Answer = str | tuple[str, int] | Response


@blueprint.get("")
def page() -> str:
    """Show the account; with ?two-step=on a secret to scan, which is kept only once a code of it was given."""
    if request.args.get("two-step") == "on" and not current_user.user.two_step:
        session.setdefault("totp", totp.new_secret())
    return _page()


@blueprint.post("/password")
@needs("viewer")
def password() -> Answer:
    """Change the password, which ends all other sessions."""
    if not _known():
        return _page(password="The present password is not right, or was tried too often."), 400
    try:
        users.set_password(
            stores().db, current_user.id, request.form.get("new", ""), by=current_user.email,
            session_id=current_user.session_id,
        )  # fmt: skip
    except DefinitionError as error:
        return _page(password=str(error)), 400
    flash("The password is changed. Other browsers are signed out.")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/two-step")
@needs("viewer")
def two_step() -> Answer:
    """Switch the second step on, once a code shows that the app has the secret; the password is asked for again."""
    secret = session.get("totp", "")
    step = totp.step_of(secret, request.form.get("code", ""), datetime.now(UTC), 0) if secret else None
    if step is None:
        return _page(two_step="This is not the present code. Look again, and mind the clock of the phone."), 400
    if not _known():
        return _page(two_step=UNKNOWN), 400
    key = stores().settings.secret
    codes = users.set_two_step(stores().db, current_user.id, secret, by=current_user.email, key=key, step=step)
    session.pop("totp")
    return _page(codes=codes)


@blueprint.post("/two-step/off")
@needs("viewer")
def two_step_off() -> Answer:
    """Switch the second step off; the password is asked for again."""
    if not _known():
        return _page(two_step=UNKNOWN), 400
    users.set_two_step(stores().db, current_user.id, None, by=current_user.email, key=stores().settings.secret)
    flash("The second step is off.")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/sessions/<int:session_id>/end")
@needs("viewer")
def end(session_id: int) -> Response:
    """Sign one browser out."""
    sessions.end(stores().db, current_user.user, id=session_id)
    flash("Signed out there.")
    return redirect(url_for("account.page", _anchor="sessions"), 303)


@blueprint.post("/sessions/end")
@needs("viewer")
def end_others() -> Response:
    """Sign out everywhere but here."""
    sessions.end(stores().db, current_user.user, but=current_user.session_id)
    flash("Signed out everywhere else.")
    return redirect(url_for("account.page", _anchor="sessions"), 303)


def _known() -> bool:
    """Whether the password that was given is this person's; guessing it here waits as it does at the sign-in."""
    db, email, origin = stores().db, current_user.email, request.remote_addr or ""
    if attempts.begin(db, email, origin, datetime.now(UTC)):
        return False
    right = users.authenticate(db, email, request.form.get("password", "")) is not None
    if right:
        attempts.succeeded(db, email, origin)
    return right


def _page(password: str = "", two_step: str = "", codes: list[str] | None = None) -> str:
    user = users.get(stores().db, current_user.id)
    secret = session.get("totp") if user and not user.two_step else None
    return render_template(
        "account/page.html", user=user, sessions=sessions.listing(stores().db, current_user.id, datetime.now(UTC)),
        problems={"password": password, "two_step": two_step}, codes=codes, secret=secret,
        qr=_qr(totp.address(secret, current_user.email)) if secret else "",
    )  # fmt: skip


def _qr(text: str) -> Markup:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", xmldecl=False, svgns=False, scale=5, light="#fff", border=3)
    return Markup(out.getvalue().decode())
