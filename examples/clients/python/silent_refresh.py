"""Silent refresh without our library: what a client in any language has to do, in Python's standard library."""

import json
import threading
import time
import urllib.error
import urllib.request

# Only these end a session (PROTOCOL.md S11, C5).
ENDS = {"REFRESH_TOKEN_INVALID", "REFRESH_TOKEN_EXPIRED", "REFRESH_TOKEN_REUSED", "SESSION_REVOKED"}
PAYLOAD = "{ accessToken refreshToken user { username } }"
LOGIN = f"mutation SignIn($input: LoginInput!) {{ login(input: $input) {PAYLOAD} }}"
REFRESH = f"mutation SilentRefresh($token: String) {{ refreshToken(refreshToken: $token) {PAYLOAD} }}"


class GraphQLError(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        extensions = error.get("extensions", {})
        self.code = extensions.get("code")
        self.reason = extensions.get("reason")
        self.retry_after = extensions.get("retryAfterSeconds", 0)


class SessionEnded(Exception):
    """The user has to sign in again."""


class RefreshFailed(Exception):
    """No access token for now. The user stays signed in: the next request tries again."""


class Session:
    """Keeps one sign-in alive. Threads may share it."""

    def __init__(self, url):
        self.url = url
        self.refreshes = 0
        self._lock = threading.Lock()
        self._access_token = self._refresh_token = self._end_reason = None
        self._not_before = 0.0

    def sign_in(self, email, password):
        device = {"tokenTransport": "BODY", "deviceName": "Python"}
        payload = self._post(LOGIN, {"input": {"email": email, "password": password, **device}})["login"]
        self._access_token, self._refresh_token = payload["accessToken"], payload["refreshToken"]
        self._end_reason = None
        return payload["user"]

    def sign_out(self):
        self._post("mutation SignOut($token: String) { logout(refreshToken: $token) }", {"token": self._refresh_token})
        self._access_token, self._refresh_token, self._end_reason = None, None, "SIGNED_OUT"

    def request(self, query, variables=None):
        used = self._access_token
        try:
            return self._post(query, variables, used)
        except GraphQLError as error:
            if error.code != "UNAUTHENTICATED":
                raise
        # The server has run nothing, so sending it again is safe, even a mutation (S4). Once is enough (C4).
        return self._post(query, variables, self._renew(used))

    def _renew(self, failed):
        with self._lock:  # One refresh at a time (C1).
            if self._end_reason:
                raise SessionEnded(self._end_reason)
            if self._access_token != failed:  # Another thread has replaced it in the meantime (C2).
                return self._access_token
            if time.monotonic() < self._not_before:
                raise RefreshFailed("The server asks to wait.")
            payload = self._refresh()
            # Keep both. A program that stores the refresh token stores the new one before it continues (C11).
            self._access_token, self._refresh_token = payload["accessToken"], payload["refreshToken"]
            self.refreshes += 1
            return self._access_token

    def _refresh(self):
        for wait in (0.2, 0.5, 1, 0):
            try:
                return self._post(REFRESH, {"token": self._refresh_token}, timeout=2)["refreshToken"]
            except GraphQLError as error:
                if error.reason in ENDS:
                    self._access_token, self._refresh_token, self._end_reason = None, None, error.reason
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
        return answer["data"]
