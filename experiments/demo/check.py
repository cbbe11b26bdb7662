"""Checks the demonstration: the four verdicts, and every page that a person can reach by links."""

import re
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from http.cookiejar import CookieJar

from experiments.errors import KeepersError
from experiments.registry import Database, snapshots
from experiments.settings import Settings

EXPECTED = {
    "checkout-one-page": "keep",
    "product-delivery-promise": "drop",
    "onboarding-email-first": "invalid",
    "search-typo-synonyms": "wait",
}


def check(settings: Settings, address: str, email: str, password: str) -> None:
    """Raise KeepersError for a wrong verdict or a page that does not answer 200."""
    found = {key: s.verdict.word for key, s in snapshots.latest_of_all(Database(settings.registry)).items()}
    if found != EXPECTED:
        raise KeepersError(f"the verdicts are {found}; they must be {EXPECTED}.")
    opener = _signed_in(address, email, password)
    pages = _crawl(opener, address)
    missing = [key for key in EXPECTED if not any(p.endswith(f"/experiments/{key}") for p in pages)]
    if missing:
        raise KeepersError(f"no link leads to {missing[0]}; pages found: {sorted(pages)}")


def _signed_in(address: str, email: str, password: str) -> urllib.request.OpenerDirector:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = opener.open(f"{address}/sign-in").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    fields = {"csrf_token": unescape(token.group(1)) if token else "", "email": email, "password": password}
    answer = opener.open(f"{address}/sign-in", urllib.parse.urlencode(fields).encode())
    if answer.url.endswith("/sign-in"):
        raise KeepersError("signing in failed, although the account was just made.")
    return opener


def _crawl(opener: urllib.request.OpenerDirector, address: str) -> set[str]:
    """Follow links from the first page; return the pages that answered."""
    waiting, seen = [f"{address}/"], set[str]()
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        waiting += _links(_open(opener, page), page, address)
    return seen


def _open(opener: urllib.request.OpenerDirector, page: str) -> str:
    try:
        with opener.open(page, timeout=30) as answer:
            text: str = answer.read().decode("utf-8", "replace")
            return text if "text/html" in answer.headers.get("Content-Type", "") else ""
    except urllib.error.HTTPError as error:
        raise KeepersError(f"{page} answers {error.code} {error.reason}.") from None


def _links(html: str, page: str, address: str) -> list[str]:
    found = (urllib.parse.urljoin(page, unescape(h)) for h in re.findall(r'href="([^"]+)"', html))
    return [link.split("#")[0] for link in found if link.startswith(f"{address}/") and "/static/" not in link]
