"""Roles in teams: higher or lower than the role for all, on the pages of that team's experiments only."""

import pytest
import samples

from experiments import lifecycle
from experiments.plan_file import plan_yaml
from experiments.registry import experiments, users

BY, PASSWORD = "somebody@example.com", "correct horse battery"


@pytest.fixture
def teams(site):
    """A draft of Basket and one of Search, and people whose roles differ between these."""
    for team in ("Basket", "Search"):
        lifecycle.save(site.db, samples.plan(f"{team.lower()}-one", team=team), BY)
    people = {u.role: u for u in users.everyone(site.db)}
    users.set_roles(site.db, people["viewer"].id, role="viewer", teams={"Basket": "reviewer"}, by=BY)
    users.set_roles(site.db, people["reviewer"].id, role="reviewer", teams={"Basket": "viewer"}, by=BY)
    users.set_roles(site.db, people["administrator"].id, role="administrator", teams={"Basket": "viewer"}, by=BY)
    return site


@pytest.mark.parametrize(
    ("role", "basket", "search"),
    [
        ("viewer", 303, 403), ("reviewer", 403, 303),
        *(pytest.param(role, 303, 303, marks=pytest.mark.slow) for role in ("administrator", "experimenter")),
    ],
)
def test_the_role_in_the_team_counts(teams, role, basket, search):
    client = teams.client(role)
    for key, status in (("basket-one", basket), ("search-one", search)):
        assert client.get(f"/experiments/{key}").status_code == 200
        assert ("Add comment" in client.get(f"/experiments/{key}").text) is (status == 303)
        assert teams.send(client, f"/experiments/{key}/comment", {"text": "Hello."}).status_code == status
        assert teams.send(client, f"/experiments/{key}/launch").status_code == status


@pytest.mark.slow
def test_a_draft_is_made_in_and_moved_to_teams_in_which_one_may_draft_only(teams):
    client = teams.client("viewer")
    assert client.get("/experiments/new").status_code == 200
    form = {
        "title": "A new basket", "hypothesis": "More come back.", "change": "It follows.", "owner": "Ada", "unit": "user", "coverage": "100",
        "enrol_weeks": "2", "planned_units": "65,400", "method": "group-sequential", "variants-0-key": "control", "variants-0-weight": "50",
        "variants-1-key": "t1", "variants-1-weight": "50", "goals-0-metric": "completed", "goals-0-worthwhile": "2.9", "goals-0-of": "relative",
    }  # fmt: skip
    for team, status, said in (("Search", 403, "Plans of the team &#39;Search&#39; are written by"), ("", 403, "Plans without a team"), ("Basket", 303, "")):
        answer = teams.send(client, "/experiments/new", {**form, "team": team})
        assert (answer.status_code, said in answer.text) == (status, True)
    moved = {**form, "key": "a-new-basket", "team": "Search"}
    assert teams.send(client, "/experiments/a-new-basket/edit", moved).status_code == 403
    assert "team: Basket" in plan_yaml(experiments.get(teams.db, "a-new-basket").plan)
    assert teams.send(client, "/experiments/search-one/edit", {**form, "key": "search-one", "team": "Basket"}).status_code == 403
