"""Links for people without an account: off by default, of one snapshot, ended by a day or by hand."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import samples
from sqlalchemy import update

from experiments.registry import keys, log, shares, snapshots
from experiments.registry.models import ShareRow
from experiments.reports import FORMATS, MEDIA_TYPES

pytestmark = pytest.mark.slow


@pytest.fixture
def sharing(site):
    """An installation that allows links, with one analysed experiment."""
    own = site.app.extensions["keepers"]
    site.app.extensions["keepers"] = replace(own, settings=replace(own.settings, share_links=True))
    site.launched(samples.plan(), "keep", looks=2)
    return site


def link(site, days="14"):
    page = site.send(site.client("experimenter"), "/experiments/checkout-one-page/share", {"days": days})
    assert page.status_code == 201
    return re.search(r"http://localhost(/shared/[\w-]+)", page.text)[1]


def test_a_link_shows_the_one_page_to_whoever_has_it_and_leads_nowhere_else(sharing):
    answer = sharing.client("").get(link(sharing))
    assert answer.status_code == 200
    assert "Goals and guardrails" in answer.text
    assert "snapshot r2" in answer.text
    assert not re.search(r'href="(?!data:|#)|<form|csrf|Set-Cookie', answer.text)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_link_stays_with_the_snapshot_that_was_shared(sharing):
    address = link(sharing)
    frozen = samples.snapshot().frozen
    snapshots.append(sharing.db, samples.snapshot(frozen, 3, "stop"))
    assert "snapshot r2" in sharing.client("").get(address).text


def test_a_link_that_was_ended_or_is_over_is_like_one_that_never_was(sharing):
    first, second = link(sharing), link(sharing)
    newest, oldest = shares.listing(sharing.db, "checkout-one-page")
    sharing.send(sharing.client("experimenter"), f"/experiments/checkout-one-page/share/{oldest.id}/end")
    with sharing.db.begin() as session:
        session.execute(update(ShareRow).where(ShareRow.id == newest.id).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    never = sharing.client("").get("/shared/never")
    for address in (first, second):
        answer = sharing.client("").get(address)
        assert (answer.status_code, answer.text) == (404, never.text)
    text = sharing.client("experimenter").get("/experiments/checkout-one-page/share").text
    assert "Ended" in text
    assert "Expired" in text
    assert first.rpartition("/")[2] not in text
    assert log.entries(sharing.db, "checkout-one-page")[0].text == "Link to r2 ended."


def test_links_are_off_unless_switched_on(site):
    site.launched(samples.plan(), "keep", looks=2)
    _, token = shares.create(site.db, "checkout-one-page", 2, days=1, by="test")
    assert site.client("").get(f"/shared/{token}").status_code == 404
    answer = site.send(site.client(), "/experiments/checkout-one-page/share", {"days": "14"})
    assert answer.status_code == 403
    assert "KEEPERS_SHARE_LINKS=on" in answer.text


@pytest.mark.parametrize("days", ["0", "91", "", "x"])
def test_a_link_ends_within_ninety_days(sharing, days):
    assert sharing.send(sharing.client("experimenter"), "/experiments/checkout-one-page/share", {"days": days}).status_code == 400


def test_the_export_menu_offers_every_format_and_each_can_be_taken(sharing):
    client = sharing.client("viewer")
    page = client.get("/experiments/checkout-one-page").text
    assert "/share" not in page
    for kind in FORMATS:
        address = f"/experiments/checkout-one-page/report.{kind}?snapshot=2"
        assert address in page
        answer = client.get(address)
        assert answer.mimetype == MEDIA_TYPES[kind]
        assert answer.headers["Content-Disposition"] == f'attachment; filename="checkout-one-page-r2.{kind}"'


def test_a_program_makes_lists_and_ends_links_where_they_are_allowed(sharing):
    program, token = sharing.app.test_client(), keys.create(sharing.db, name="bot", role="experimenter")[1]
    headers, links = {"Authorization": f"Bearer {token}"}, "/api/v1/experiments/checkout-one-page/links"
    made = program.post(links, json={"days": 3}, headers=headers)
    assert made.status_code == 201
    link = made.get_json()
    assert (link["snapshot"], link["open"], link["made_by"]) == (2, True, "API key 'bot'")
    address = link.pop("address").removeprefix("http://localhost")
    assert "snapshot r2" in sharing.client("").get(address).text
    assert program.get(links, headers=headers).get_json() == {"items": [link]}, "its address is not shown again"
    first = program.post(links, json={"days": 3, "snapshot": 1}, headers=headers).get_json()
    assert "snapshot r1" in sharing.client("").get(first["address"].removeprefix("http://localhost")).text
    ended = program.delete(f"{links}/{link['id']}", headers=headers).get_json()["items"]
    assert [each["open"] for each in ended] == [True, False]
    assert sharing.client("").get(address).status_code == 404
    assert program.post(links, json={"days": 91}, headers=headers).status_code == 400
    assert program.post(links, json={"days": 3, "snapshot": 9}, headers=headers).status_code == 404
    own = sharing.app.extensions["keepers"]
    sharing.app.extensions["keepers"] = replace(own, settings=replace(own.settings, share_links=False))
    refused = program.post(links, json={"days": 3}, headers=headers)
    assert (refused.status_code, "switched off" in refused.get_json()["detail"]) == (403, True)
