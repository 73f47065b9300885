"""Silent refresh without our library: what a client in any language has to do, in Python's standard library."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import namedtuple

# Only these end a session (PROTOCOL.md S11, C5).
ENDS = {"REFRESH_TOKEN_INVALID", "REFRESH_TOKEN_EXPIRED", "REFRESH_TOKEN_REUSED", "SESSION_REVOKED"}
PAYLOAD = "{ accessToken refreshToken user { id username } }"
LOGIN = f"mutation SignIn($input: LoginInput!) {{ login(input: $input) {PAYLOAD} }}"
REFRESH = f"mutation SilentRefresh($token: String) {{ refreshToken(refreshToken: $token) {PAYLOAD} }}"


class GraphQLError(Exception):
    def __init__(self, error):
        super().__init__(error.get("message"))
        extensions = error.get("extensions") or {}
        self.code = extensions.get("code")
        self.reason = extensions.get("reason")
        self.retry_after = extensions.get("retryAfterSeconds", 0)


class SessionEnded(Exception):
    """The user has to sign in again."""


class RefreshFailed(Exception):
    """No access token for now. The user stays signed in: the next request tries again."""


Tokens = namedtuple("Tokens", "access refresh user_id")
NOBODY = Tokens(None, None, None)


class Session:
    """Keeps one sign-in alive. Threads may share it."""

    def __init__(self, url):
        self.url = url
        self.refreshes = 0
        self._lock = threading.Lock()  # Only its holder changes the fields below.
        self._tokens, self._end_reason = NOBODY, "SIGNED_OUT"
        self._not_before = 0.0

    def sign_in(self, email, password):
        device = {"tokenTransport": "BODY", "deviceName": "Python"}
        payload = self._post(LOGIN, {"input": {"email": email, "password": password, **device}})["login"]
        with self._lock:  # After a refresh that is under way, whose tokens would replace these.
            self._tokens, self._end_reason, self._not_before = tokens_in(payload), None, 0.0
        return payload["user"]

    def sign_out(self):
        with self._lock:  # After a refresh that is under way, which would bring the session back (C8).
            token, self._tokens, self._end_reason = self._tokens.refresh, NOBODY, "SIGNED_OUT"
        self._post("mutation SignOut($token: String) { logout(refreshToken: $token) }", {"token": token})

    def request(self, query, variables=None):
        used = self._tokens
        try:
            return self._post(query, variables, used.access)
        except GraphQLError as error:
            if error.code != "UNAUTHENTICATED":
                raise
        # The server has run nothing, so sending it again is safe, even a mutation (S4). Once is enough (C4).
        return self._post(query, variables, self._renew(used).access)

    def _renew(self, failed):
        with self._lock:  # One refresh at a time (C1).
            if self._end_reason:
                raise SessionEnded(self._end_reason)
            if self._tokens.user_id != failed.user_id:  # Never send what one user wanted as another (C8).
                raise SessionEnded("ANOTHER_USER")
            if self._tokens is not failed:  # Another thread has replaced them in the meantime (C2).
                return self._tokens
            if time.monotonic() < self._not_before:
                raise RefreshFailed("The server asks to wait.")
            # Keep both. A program that stores the refresh token stores the new one before it continues (C11).
            self._tokens = tokens_in(self._refresh())
            self.refreshes += 1
            return self._tokens

    def _refresh(self):
        for wait in (0.2, 0.5, 1, 0):
            try:
                return self._post(REFRESH, {"token": self._tokens.refresh}, timeout=2)["refreshToken"]
            except GraphQLError as error:
                if error.reason in ENDS:
                    self._tokens, self._end_reason = NOBODY, error.reason
                    raise SessionEnded(error.reason) from error
                if error.code == "RATE_LIMITED":
                    self._not_before = time.monotonic() + error.retry_after
                    raise RefreshFailed(str(error)) from error
            except (OSError, ValueError):
                pass  # No answer, or a proxy's error page.
            # The server may have spent the token, with its answer lost. Within the grace period, the same token gets the
            # same successor (S7); after it, the server takes the token for stolen. So all attempts end within 10 seconds.
            time.sleep(wait)
        raise RefreshFailed("No answer.")

    def _post(self, query, variables=None, token=None, timeout=30):
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        body = json.dumps({"query": query, "variables": variables}).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, body, headers), timeout=timeout) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as response:  # A refused operation has status 401 and a GraphQL body.
            answer = json.load(response)
        if answer.get("errors"):
            raise GraphQLError(answer["errors"][0])
        if "data" not in answer:
            raise ValueError("The answer is not GraphQL.")
        return answer["data"]


def tokens_in(payload):
    return Tokens(payload["accessToken"], payload["refreshToken"], payload["user"]["id"])
