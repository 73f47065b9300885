"""Changes the user while requests are under way, and prints what the session does then."""

import json
import os
import threading

from silent_refresh import Session

ada, bob = json.loads(os.environ["USERS"])
ME = "query Me { me { username } }"


class RefusedOnce(Session):
    """Its first request with a token is refused. The first answer to the operation `held` arrives when `release` is set."""

    def __init__(self, held):
        super().__init__(os.environ["API_URL"])
        self.held, self.token = held, "refused"
        self.arrived, self.release = threading.Event(), threading.Event()

    def sign_in_as(self, user):
        self.sign_in(user["email"], user["password"])

    def _post(self, query, variables=None, token=None, timeout=30):
        if token:
            token, self.token = self.token or token, None
        try:
            return super()._post(query, variables, token, timeout)
        finally:
            if self.held and self.held in query:
                self.held = None
                self.arrived.set()
                self.release.wait()


def me(session):
    try:
        return session.request(ME)["me"]["username"]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def start(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()

    def wait(seconds=None):
        thread.join(seconds)
        return results[0] if results else None

    return wait


def change_during_refresh(change):
    session = RefusedOnce(held="SilentRefresh")
    session.sign_in_as(ada)
    request = start(lambda: me(session))
    session.arrived.wait()
    changed = start(lambda: change(session))
    changed(1)  # Time for a change that does not wait for the refresh, which is wrong.
    session.release.set()
    request()
    changed()
    return me(session)


def sign_in_after_refusal(user):
    session = RefusedOnce(held="query Me")
    session.sign_in_as(ada)
    request = start(lambda: me(session))
    session.arrived.wait()
    session.sign_in_as(user)
    session.release.set()
    return request()


def sign_out_offline(session):
    session.url = "http://127.0.0.1:1"
    try:
        session.sign_out()
    except OSError:
        session.url = os.environ["API_URL"]


print("after an offline sign-out during a refresh:", change_during_refresh(sign_out_offline))
print("after a sign-in during a refresh:", change_during_refresh(lambda session: session.sign_in_as(bob)))
print("refused as Ada, then Bob signed in:", sign_in_after_refusal(bob))
print("refused as Ada, then Ada signed in again:", sign_in_after_refusal(ada))
