"""The shop's visitors: fourteen days of them, simulated with a fixed seed, through the real SDK.

What is true of this shop: one page brings 9 % more orders; the delivery promise changes nothing; on old phones the
short sign-up form often loses its exposure, so its split is uneven; forgiving search does not harm. One visitor in a
hundred is staff, whom the delivery promise leaves out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from keepers import Client

DAYS = 14
VISITORS_A_DAY = 1_450
SEARCH_SINCE = 8  # the search experiment was launched on this day, counted from 0
SEARCH_EVENLY_SINCE = 10  # on which its second phase began, with an even split
SEED = 20_261_116
FLUSH_EVERY = 2_000  # visitors


@dataclass(frozen=True)
class Visitor:
    """One person on one day."""

    unit: str
    day: int
    at: datetime
    device: str
    past_orders: int
    staff: bool

    @property
    def attributes(self) -> dict[str, str | int | bool]:
        """What the shop knows of them before they meet a variant."""
        return {"device": self.device, "past_orders": self.past_orders, "staff": self.staff}


def chance() -> np.random.Generator:
    """The chance by which all visitors come and act, one after the other."""
    return np.random.default_rng(SEED)


def visit(
    client: Client, rng: np.random.Generator, days: range, first_day: datetime, done: Callable[[int], None]
) -> None:
    """Let the visitors of these days visit; call `done` with how many have since the first day, now and then."""
    total = days.stop * VISITORS_A_DAY
    for i in range(days.start * VISITORS_A_DAY, total):
        _visit(client, rng, _visitor(rng, i, first_day))
        if i % FLUSH_EVERY == FLUSH_EVERY - 1:
            client.flush(timeout=60)
            done(i + 1)
    client.flush(timeout=60)
    done(total)


def _visitor(rng: np.random.Generator, number: int, first_day: datetime) -> Visitor:
    day = number // VISITORS_A_DAY
    at = first_day + timedelta(days=day, seconds=float(rng.uniform(0, 86_000)))
    device = ("phone", "old phone", "computer")[int(rng.choice(3, p=(0.5, 0.15, 0.35)))]
    return Visitor(f"visitor-{number:05d}", day, at, device, int(rng.poisson(1.2)), staff=number % 100 == 0)


def _visit(client: Client, rng: np.random.Generator, v: Visitor) -> None:
    _browse(client, rng, v)
    if v.day >= SEARCH_SINCE:
        _search(client, rng, v)
    _sign_up(client, rng, v)
    _check_out(client, rng, v)


def _browse(client: Client, rng: np.random.Generator, v: Visitor) -> None:
    client.variant("product-delivery-promise", v.unit, at=v.at, attributes=v.attributes)
    slow = 1.3 if v.device == "old phone" else 1.0
    client.track("page_ready", v.unit, value=round(float(rng.lognormal(0.6, 0.3)) * slow, 3), at=_after(v, 1))
    if rng.random() < 0.46:
        client.track("basket_added", v.unit, at=_after(v, 60))


def _search(client: Client, rng: np.random.Generator, v: Visitor) -> None:
    variant = client.variant("search-typo-synonyms", v.unit, at=v.at, attributes=v.attributes)
    client.track("searched", v.unit, at=_after(v, 20))
    if rng.random() < (0.63 if variant == "forgiving" else 0.62):
        client.track("result_opened", v.unit, at=_after(v, 30))


def _sign_up(client: Client, rng: np.random.Generator, v: Visitor) -> None:
    """The exposure is logged after the form has drawn, and on old phones people leave before that: a real fault."""
    assignment = client.assign("onboarding-email-first", v.unit, attributes=v.attributes)
    gone = assignment.variant == "email-first" and v.device == "old phone" and rng.random() < 0.4
    if gone:
        return
    assignment.expose(at=v.at)
    if rng.random() < 0.2:
        client.track("signed_up", v.unit, at=_after(v, 90))


def _check_out(client: Client, rng: np.random.Generator, v: Visitor) -> None:
    variant = client.variant("checkout-one-page", v.unit, at=v.at, attributes=v.attributes)
    likely = (0.34 + 0.04 * min(v.past_orders, 4)) * (1.09 if variant == "one-page" else 1.0)
    if rng.random() < 0.05:
        client.track("payment_refused", v.unit, at=_after(v, 200))
    if rng.random() < likely:
        value = round(float(rng.lognormal(3.9, 0.7)), 2)
        client.track("order_completed", v.unit, value=value, at=_after(v, 240), currency="EUR")


def _after(v: Visitor, seconds: float) -> datetime:
    return v.at + timedelta(seconds=seconds)
