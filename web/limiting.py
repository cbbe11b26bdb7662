"""How often one key or one address may ask. More is answered with 429 and Retry-After.

Counts live in each worker's memory, so that an installation with N workers lets up to N times as many through, and a
restart forgets them: they keep one sender from starving the others, and guessing slow. They are no quota.
"""

import hashlib
import math
import time

from flask import Flask, Response, current_app, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from experiments.settings import Limits
from web import collector
from web.api import problems

SIGN_IN = "sign_in"  # the blueprint


class Limiter:
    """Counts requests by what they ask for and by who asks."""

    def __init__(self, limits: Limits) -> None:
        self._items = {name: RateLimitItemPerMinute(most) for name, most in vars(limits).items()}
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    def take(self, what: str, who: str) -> None:
        """Count one request; TooManyRequests if there were too many in the last minute."""
        if not self._window.hit(self._items[what], what, who):
            raise self._too_many(what, who)

    def note(self, what: str, who: str) -> None:
        """Count one that failed."""
        self._window.hit(self._items[what], what, who)

    def check(self, what: str, who: str) -> None:
        """Raise TooManyRequests if there were too many in the last minute, without counting this one."""
        if not self._window.test(self._items[what], what, who):
            raise self._too_many(what, who)

    def _too_many(self, what: str, who: str) -> TooManyRequests:
        free_at = self._window.get_window_stats(self._items[what], what, who).reset_time
        seconds = min(60, max(1, math.ceil(free_at - time.time())))
        most = self._items[what].amount
        return TooManyRequests(f"There were more than {most} such requests in a minute.", retry_after=seconds)


def init(app: Flask) -> None:
    """Count before and after every request, unless this is switched off."""
    limits = app.extensions["keepers"].settings.limits
    if limits is not None:
        app.extensions["limiter"] = limiter = Limiter(limits)
        app.before_request(lambda: _before(limiter))
        app.after_request(lambda response: _after(limiter, response))


def _before(limiter: Limiter) -> None:
    """Count what comes with a key by the key; let nobody try a password who failed too often."""
    if asks := _machine():
        limiter.take(asks, _who())
    elif _signing_in():
        limiter.check("sign_in", _address())


def _after(limiter: Limiter, response: Response) -> Response:
    """Count what was refused by its address: passwords, and keys that nobody has."""
    if response.status_code == 401 and _machine():
        try:
            limiter.take("refused", _address())
        except TooManyRequests as error:
            return current_app.make_response(current_app.handle_http_exception(error))
    elif response.status_code in (401, 403) and _signing_in():
        limiter.note("sign_in", _address())
    return response


def _machine() -> str:
    """What a program asks: the collector, the API, or neither."""
    if collector.asked():
        return "collector"
    return "api" if problems.wanted() and request.endpoint != "api.docs" else ""


def _signing_in() -> bool:
    return request.blueprint == SIGN_IN and request.method == "POST"


def _who() -> str:
    """The key without its text, or the address of whoever sends none."""
    token = request.headers.get("Authorization", "")
    return hashlib.sha256(token.encode()).hexdigest()[:24] if token else _address()


def _address() -> str:
    return request.remote_addr or "unknown"
