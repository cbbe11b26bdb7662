"""Pictures of a draft's variants through the forms of its page, and what users see of them later."""

import hashlib
import io
import re

import pytest
import samples
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from experiments import lifecycle
from experiments.backup import backup, restore
from experiments.registry import Database, keys, log, pictures
from experiments.settings import Settings

pytestmark = pytest.mark.slow

BY, KEY = "pm@example.com", "/experiments/basket"
HOSTILE = '"><script>alert(1)</script>'


def png(size=(40, 20), form="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    return out.getvalue()


def sent(data=None, name="x.png", **more):
    return {"variant": "t1", "alt": "The basket on a phone", "picture": (io.BytesIO(png() if data is None else data), name), **more}


def post(client, address, data):
    """Post a large form. The test client would put it into a temporary file that it leaves open."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", follow_redirects=True).text)[1]
    boundary, body = encode_multipart({"csrf_token": token, **data, "picture": FileStorage(*data["picture"])})
    return client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


@pytest.fixture
def drafted(site):
    lifecycle.save(site.db, samples.plan("basket"), BY)
    return site


def test_a_picture_is_added_shown_to_viewers_and_stays_after_launch(drafted):
    client, viewer = drafted.client("experimenter"), drafted.client("viewer")
    assert drafted.send(client, f"{KEY}/pictures", sent(alt=HOSTILE, name=f"../../{HOSTILE}.svg")).status_code == 303
    (kept,) = pictures.of(drafted.db, "basket")
    address = f"{KEY}/pictures/{kept.id}.webp"
    assert f'src="{address}" alt="&#34;&gt;&lt;script&gt;' in viewer.get(KEY).text
    answer = viewer.get(address)
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert Image.open(io.BytesIO(answer.data)).size == (40, 20)
    assert viewer.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert drafted.app.test_client().get(address).status_code == 303, "to the sign-in"
    lifecycle.launch(drafted.db, "basket", BY)
    assert address in viewer.get(KEY).text
    for change in (f"{KEY}/pictures", f"{KEY}/pictures/{kept.id}/remove"):
        assert drafted.send(client, change, sent()).status_code == 409
    assert len(pictures.of(drafted.db, "basket")) == 1


def test_a_picture_is_removed_by_its_own_experiment_only(drafted):
    lifecycle.save(drafted.db, samples.plan("other"), BY)
    client = drafted.client("experimenter")
    drafted.send(client, f"{KEY}/pictures", sent())
    (kept,) = pictures.of(drafted.db, "basket")
    assert client.get(f"/experiments/other/pictures/{kept.id}.webp").status_code == 404
    assert drafted.send(client, f"/experiments/other/pictures/{kept.id}/remove").status_code == 404
    assert drafted.send(drafted.client("viewer"), f"{KEY}/pictures/{kept.id}/remove").status_code == 403
    assert drafted.send(drafted.client("viewer"), f"{KEY}/pictures", sent()).status_code == 403
    old = client.get(f"{KEY}/pictures/{kept.id}.webp").headers
    assert drafted.send(client, f"{KEY}/pictures/{kept.id}/remove").status_code == 303
    assert pictures.of(drafted.db, "basket") == []
    drafted.send(client, f"{KEY}/pictures", sent(png((30, 30))))
    (again,) = pictures.of(drafted.db, "basket")
    answer = client.get(f"{KEY}/pictures/{again.id}.webp", headers={"If-None-Match": old["ETag"]})
    assert (again.id, answer.status_code, old["Cache-Control"]) == (kept.id, 200, "private, no-cache"), "the number is the same, the picture is not"


@pytest.mark.parametrize(("changes", "words"), [
    ({"data": b"<svg onload='alert(1)'></svg>", "name": "x.png"}, "The file is no picture"),
    ({"data": b"<!doctype html><script>1</script>", "name": "x.jpg"}, "The file is no picture"),
    ({"data": b""}, "The file is no picture"),
    ({"data": png() + 5_000_000 * b"\0"}, "The file has more than 5 MB"),
    ({"alt": " "}, "Say in words what the picture shows"),
    ({"variant": "t9"}, "t9&#39; is none of control, t1"),
])  # fmt: skip
def test_what_is_refused_says_why_and_keeps_what_was_entered(drafted, changes, words):
    answer = post(drafted.client("experimenter"), f"{KEY}/pictures", sent(**changes))
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{changes.get("alt", "The basket on a phone")}"' in answer.text
    assert pictures.of(drafted.db, "basket") == []


def test_more_than_the_largest_request_is_cut_off_and_nobody_else_may_send_as_much(drafted):
    client, much = drafted.client("experimenter"), sent(data=9 * 1_048_576 * b"\0")
    assert post(client, f"{KEY}/pictures", much).status_code == 413
    stranger, two = drafted.app.test_client(), sent(data=2 * 1_048_576 * b"\0")
    assert post(stranger, f"{KEY}/pictures", two).status_code == 413
    assert post(client, f"{KEY}/comment", {**sent(data=2 * 1_048_576 * b"\0"), "text": "Hello."}).status_code == 413


def test_a_picture_needs_its_form_and_a_variant_has_four_at_most(drafted):
    client = drafted.client("experimenter")
    assert client.post(f"{KEY}/pictures", data=sent()).status_code == 400, "no proof of origin"
    for _ in range(4):
        assert drafted.send(client, f"{KEY}/pictures", sent()).status_code == 303
    assert "has 4 pictures, and may have 4" in drafted.send(client, f"{KEY}/pictures", sent()).text


def test_a_back_up_takes_pictures_along(drafted, tmp_path):
    drafted.send(drafted.client("experimenter"), f"{KEY}/pictures", sent())
    (kept,) = pictures.of(drafted.db, "basket")
    backup(drafted.settings, tmp_path / "all.tar.gz")
    restored = Settings.load({"KEEPERS_HOME": str(tmp_path / "again")})
    restored.home.mkdir(exist_ok=True)
    restore(restored, tmp_path / "all.tar.gz")
    db = Database(restored.registry)
    assert pictures.body(db, "basket", kept.id) == pictures.body(drafted.db, "basket", kept.id)
    db.engine.dispose()


def test_a_clone_has_copies_of_the_pictures_that_are_its_own(drafted):
    client = drafted.client("experimenter")
    for alt in ("The basket on a phone", "The basket on paper"):
        drafted.send(client, f"{KEY}/pictures", sent(alt=alt))
    assert drafted.send(client, f"{KEY}/clone", {"new_key": "again"}).status_code == 303
    first, copied = pictures.whole(drafted.db, "basket"), pictures.whole(drafted.db, "again")
    assert [(p.variant, p.alt, p.sha256, p.body) for p in copied] == [(p.variant, p.alt, p.sha256, p.body) for p in first]
    assert log.entries(drafted.db, "again")[0].text == "Draft made from the plan of 'basket', without its data. It has copies of two pictures."
    drafted.send(client, f"/experiments/again/pictures/{copied[0].id}/remove")
    assert [p.alt for p in pictures.of(drafted.db, "basket")] == ["The basket on a phone", "The basket on paper"]


def test_a_program_adds_lists_reads_and_removes_pictures(drafted):
    program, token = drafted.app.test_client(), keys.create(drafted.db, name="bot", role="experimenter")[1]
    reader = keys.create(drafted.db, name="reader", role="viewer")[1]

    def send(method, place="", key="basket", token=token, **more):
        return program.open(f"/api/v1/experiments/{key}/pictures{place}", method=method, headers={"Authorization": f"Bearer {token}"}, **more)

    def add(data=None, kind="image/png", place="?variant=t1&alt=The+basket", **more):
        return send("POST", place, data=png() if data is None else data, content_type=kind, **more)

    made = add(png((1_500, 900)))
    assert made.status_code == 201
    (kept,) = made.get_json()["items"]
    assert (kept["variant"], kept["alt"], kept["width"], kept["by"]) == ("t1", "The basket", 1_500, "API key 'bot'")
    assert send("GET", token=reader).get_json() == made.get_json()
    read = send("GET", f"/{kept['id']}", token=reader)
    assert (read.mimetype, hashlib.sha256(read.data).hexdigest()) == ("image/webp", kept["sha256"])
    refused = (
        add(b"<svg/>"), add(kind="image/svg+xml"), add(key="none"), add(token=reader), add(9 * 1_048_576 * b"\0"), add(place="?variant=t1"),
    )  # fmt: skip
    assert [answer.status_code for answer in refused] == [400, 415, 404, 403, 413, 400]
    assert "more than 5 MB" in add(png() + 6 * 1_048_576 * b"\0").get_json()["detail"]
    assert add(2 * 1_048_576 * b"\0", token="").status_code == 401
    lifecycle.save(drafted.db, samples.plan("other"), BY)
    assert send("DELETE", f"/{kept['id']}", key="other").status_code == 404
    assert send("DELETE", f"/{kept['id']}").get_json() == {"items": []}
    lifecycle.launch(drafted.db, "basket", BY)
    assert add().status_code == 409
