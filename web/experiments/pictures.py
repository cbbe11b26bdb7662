"""Pictures of a draft's variants: added, removed, and shown."""

from flask import Response, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from experiments import picturing
from experiments.errors import DefinitionError
from experiments.registry import experiments, pictures
from web.experiments import draft
from web.experiments.blueprint import blueprint
from web.stores import stores
from web.uploads import takes

LARGEST = 8 << 20  # bytes: above what a picture may have, so that whoever sends too much reads how much is allowed


@blueprint.post("/experiments/<key>/pictures")
@takes(LARGEST)
def add_picture(key: str) -> tuple[str, int] | Redirect:
    """Add a picture, or show what is wrong with it."""
    given = {name: request.form.get(name, "") for name in ("variant", "alt")}
    file = request.files.get("picture")
    try:
        data = file.read(picturing.MOST_BYTES + 1) if file else b""
        picturing.add(stores().db, key, data=data, by=current_user.email, **given)
    except DefinitionError as error:
        return draft.page(experiments.get(stores().db, key), refused={**given, "text": str(error)}), 400
    flash("The picture is added.")
    return _back(key)


@blueprint.post("/experiments/<key>/pictures/<int:number>/remove")
def remove_picture(key: str, number: int) -> Redirect:
    """Take a picture away."""
    picturing.remove(stores().db, key, number, by=current_user.email)
    flash("The picture is removed.")
    return _back(key)


@blueprint.get("/experiments/<key>/pictures/<int:number>.webp")
def picture(key: str, number: int) -> Response:
    """Show one picture. Browsers ask whether it is still the same: SQLite gives the number of a removed one again."""
    body, digest = pictures.body(stores().db, key, number)
    answer = Response(body, mimetype="image/webp")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = "inline"
    answer.set_etag(digest)
    answer.make_conditional(request)
    return answer


def _back(key: str) -> Redirect:
    return redirect(url_for("experiments.results", key=key, _anchor="pictures"), 303)
