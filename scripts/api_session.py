# Signs somebody of the rehearsal in and prints the access token: an owner or a reader of a customer, or the operator of
# the whole installation.
import json
import sys
import urllib.request

BASE, WHO = sys.argv[1:]


def ask(path, body=None):
    request = urllib.request.Request(
        f"{BASE}/api/v1{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Requested-With": "ventanilla"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


rehearsal = ask("/rehearsal")
if WHO in ("owner", "reader"):
    person = next(person for person in rehearsal["sign_ins"] if person["role"] == WHO)
    opened = ask("/sessions", {"user": person["user"], "password": person["password"]})
else:
    person = next(person for person in rehearsal["staff"] if person["whole_installation"])
    step = ask("/console/sessions", {"user": person["user"], "password": person["password"]})
    opened = ask("/console/sessions/second-steps", {"challenge": step["challenge"], "code": person["code"]})
print(opened["access_token"])
