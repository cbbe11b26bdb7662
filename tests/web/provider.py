"""A small OpenID Connect provider on loopback, real enough to be refused by: discovery, keys, codes with PKCE, tokens."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "keepers", "the client's secret"
KEYS = [RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True) for _ in range(2)]


class Provider(ThreadingHTTPServer):
    """`claims` are added to each token; `key` signs it; `asked` is what the browser brought, by code."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.claims: dict[str, Any] = {}
        self.key = KEYS[0]
        self.asked: dict[str, dict[str, str]] = {}

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
        }  # fmt: skip

    def token(self, code: str, verifier: str, redirect: str) -> dict[str, Any] | None:
        """A token for a code that was not used yet, if the verifier answers its challenge."""
        asked = self.asked.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != redirect:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "1001", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "email": "mary@example.com", "email_verified": True, "name": "Mary", **self.claims,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "id_token": signed}


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        if place.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(place.query).items()}
            good = asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256" and asked["response_type"] == "code"
            code = f"code-{len(self.server.asked)}-{time.monotonic_ns()}"
            self.server.asked[code] = asked
            back = {"code": code} if good else {"error": "invalid_request"}
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({**back, 'state': asked['state']})}")
            self.end_headers()
        elif place.path == "/keys":
            self.answer({"keys": [KEYS[0].as_dict(private=False)]})
        else:
            self.answer(self.server.discovery())

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = base64.b64decode(self.headers["Authorization"].partition(" ")[2]).decode()
        token = self.server.token(form["code"][0], form["code_verifier"][0], form["redirect_uri"][0])
        good = token is not None and known == f"{CLIENT}:{SECRET}"
        self.answer(token if good else {"error": "invalid_grant"}, 200 if good else 400)

    def answer(self, body: Any, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Provider]:
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()
