"""Eight threads share a session while its access token expires, twice or as often as REFRESHES says."""

import os
import threading
import time

from silent_refresh import Session, SessionEnded

session = Session(os.environ.get("API_URL", "http://localhost:4000/graphql"))
user = session.sign_in(os.environ["EMAIL"], os.environ["PASSWORD"])
print(f"Hello, {user['username']}", flush=True)

refreshes = int(os.environ.get("REFRESHES", "2"))
answers, endings = [], set()


def work():
    try:
        while session.refreshes < refreshes:
            answers.append(session.request("query Me { me { username } }"))
            time.sleep(0.1)
    except SessionEnded as ended:
        endings.add(str(ended))


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"{len(answers)} responses, {session.refreshes} refreshes")
for reason in endings:
    print(f"The session has ended: {reason}.")
if not endings:
    session.sign_out()
