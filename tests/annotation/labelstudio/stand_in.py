"""A Label Studio for tests that cannot start a real one: the calls the bridge makes, answered as
Label Studio 1.23 answered them (`test_real_label_studio.py` holds the bridge against a real one).
"""

import json
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from urllib.parse import parse_qs

import httpx

TOKEN = "abcdef0123456789abcdef0123456789abcdef01"
PERSONAL = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2lnbmVk"


class StandIn:
    """`projects`, `tasks`, `annotations` as there; `die_after` calls that change something it
    answers no more, as if whoever called had been killed."""

    def __init__(self):
        self.projects, self.tasks, self.users = {}, {}, {}
        self.files, self.calls = {}, []
        self.access, self.n_refreshed, self.die_after = None, 0, None
        self._next = 0
        self.now = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
        self.add_user("lead@example.org")

    @property
    def transport(self):
        return httpx.MockTransport(self.answer)

    def number(self):
        self._next += 1
        return self._next

    def add_user(self, email, **more):
        number = self.number()
        names = {"first_name": "", "last_name": "", "username": "", **more}
        self.users[number] = {"id": number, "email": email, **names}
        return number

    def annotate(self, task, user, result, *, lead_time=4.0, cancelled=False):
        """An annotation as a person there makes it."""
        self.now += timedelta(seconds=10)
        one = {
            "id": self.number(), "completed_by": user, "result": result, "lead_time": lead_time,
            "was_cancelled": cancelled, "created_at": self.now.isoformat(),
            "updated_at": self.now.isoformat(),
        }  # fmt: skip
        self.tasks[task]["annotations"].append(one)
        authors = {
            one["completed_by"]
            for one in self.tasks[task]["annotations"]
            if not one["was_cancelled"]
        }
        self.tasks[task]["is_labeled"] = len(authors) >= self.tasks[task]["overlap"]
        return one

    def edit(self, annotation, result):
        """Change an annotation, as a person there does."""
        self.now += timedelta(seconds=10)
        annotation.update(result=result, updated_at=self.now.isoformat(), was_cancelled=False)

    def answer(self, request):
        self.calls.append(f"{request.method} {request.url.path}")
        if request.method != "GET" and self.die_after is not None:
            if self.die_after == 0:
                raise KeyboardInterrupt
            self.die_after -= 1
        if request.url.path == "/api/token/refresh/":
            return self.refresh(json.loads(request.content))
        if request.headers.get("authorization") not in (f"Token {TOKEN}", f"Bearer {self.access}"):
            return said(401, {"detail": "Invalid token."})
        path = request.url.path
        query = {name: one[0] for name, one in parse_qs(request.url.query.decode()).items()}
        for method, pattern, call in _ROUTES:
            if method == request.method and (found := re.fullmatch(pattern, path)):
                return call(self, request, query, *map(int, found.groups()))
        return said(404, {"detail": "Not found."})

    def refresh(self, asked):
        if asked["refresh"] != PERSONAL:
            return said(401, {"detail": "Token is invalid or expired"})
        self.n_refreshed += 1
        self.access = f"access-{self.n_refreshed}"
        return said(200, {"access": self.access})

    def list_users(self, request, query):
        return said(200, list(self.users.values()))

    def list_projects(self, request, query):
        return paged(list(self.projects.values()), query, "results")

    def create_project(self, request, query):
        one = {"id": self.number(), "model_version": "", **json.loads(request.content)}
        self.projects[one["id"]] = one
        return said(201, one)

    def project(self, request, query, number):
        if number not in self.projects:
            return said(404, {"detail": "No Project matches the given query."})
        if request.method == "PATCH":
            self.projects[number] |= json.loads(request.content)
        return said(200, self.projects[number])

    def list_tasks(self, request, query):
        number = int(query["project"])
        if number not in self.projects:
            return said(404, {"detail": "No Project matches the given query."})
        mine = [one for one in self.tasks.values() if one["project"] == number]
        return paged(mine, query, "tasks")

    def import_(self, request, query, number):
        if query.get("commit_to_project") == "false":
            ids = []
            for name, content in files_of(request):
                ids.append(self.number())
                self.files[ids[-1]] = {
                    "id": ids[-1], "file": f"upload/{number}/{ids[-1]:08x}-{name}",
                    "size": len(content), "project": number,
                }  # fmt: skip
            return said(201, {"file_upload_ids": ids})
        for given in json.loads(request.content):
            identity = self.number()
            self.tasks[identity] = {
                "id": identity, "project": number, "data": given["data"], "annotations": [],
                "overlap": self.projects[number].get("maximum_annotations", 1), "is_labeled": False,
                "predictions": given.get("predictions", []),
            }  # fmt: skip
        return said(201, {"task_count": len(json.loads(request.content))})

    def list_files(self, request, query, number):
        wanted = json.loads(query["ids"]) if "ids" in query else list(self.files)
        found = [self.files[one] for one in wanted]
        return said(200, [one for one in found if one["project"] == number])

    def change_task(self, request, query, number):
        self.tasks[number] |= json.loads(request.content)
        return said(200, self.tasks[number])

    def add_prediction(self, request, query):
        one = json.loads(request.content)
        self.tasks[one["task"]]["predictions"].append(one)
        return said(201, one)


_ROUTES = (
    ("GET", r"/api/users/", StandIn.list_users),
    ("GET", r"/api/projects/", StandIn.list_projects),
    ("POST", r"/api/projects/", StandIn.create_project),
    ("GET", r"/api/projects/(\d+)/", StandIn.project),
    ("PATCH", r"/api/projects/(\d+)/", StandIn.project),
    ("GET", r"/api/tasks/", StandIn.list_tasks),
    ("POST", r"/api/projects/(\d+)/import", StandIn.import_),
    ("GET", r"/api/projects/(\d+)/file-uploads", StandIn.list_files),
    ("PATCH", r"/api/tasks/(\d+)/", StandIn.change_task),
    ("POST", r"/api/predictions/", StandIn.add_prediction),
)


def said(status, body):
    return httpx.Response(status, json=body)


def paged(found, query, name):
    size, page = int(query["page_size"]), int(query["page"])
    some = found[(page - 1) * size : page * size]
    if page > 1 and not some:
        return said(404, {"detail": "Invalid page."})
    more = page * size < len(found)
    return said(200, {"total": len(found), "next": "…" if more else None, name: some})


def files_of(request):
    """(name, content) of each file of a multipart request."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    for part in message_from_bytes(head + request.content).get_payload():
        yield part.get_filename(), part.get_payload(decode=True)


def choice(name, *values):
    """An answer to a question of the labelling interface."""
    value = {"choices": list(values)}
    return {"from_name": name, "to_name": "audio", "type": "choices", "value": value}
