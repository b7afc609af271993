"""Label Studio over its REST API: signed in, in pages, and with errors of one line.

Source: https://api.labelstud.io (Label Studio 1.23).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

TIMEOUT_S = 60.0
PAGE = 100
_TASKS_PAGE = 200

_ALWAYS_THERE = ("GET /api/projects/", "GET /api/users/", "POST /api/token/refresh/")

Json = dict[str, Any]


class LabelStudioError(ValueError):
    """Label Studio did not do as asked; the message says why in one line."""


class GoneError(LabelStudioError):
    """What was asked for is not there (any more)."""


class LabelStudio:
    """A Label Studio server, as the owner of a token sees it.

    Both kinds of tokens will do: a legacy one is sent as it is; a personal one, which is a JSON
    Web Token, is exchanged for one that is good for some minutes, again whenever that is over.
    `transport` is for tests. The token is in no message.
    """

    def __init__(self, url: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token.strip()
        self._client = httpx.Client(
            base_url=self.url, timeout=TIMEOUT_S, transport=transport, follow_redirects=False
        )
        self._is_personal = self._token.count(".") == 2
        self._authorization = "" if self._is_personal else f"Token {self._token}"

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __enter__(self) -> "LabelStudio":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def users(self) -> dict[int, Json]:
        """The people there, by number."""
        return {int(one["id"]): one for one in self._get("/api/users/")}

    def project(self, number: int) -> Json:
        """A project. Raises GoneError."""
        found: Json = self._get(f"/api/projects/{number}/")
        return found

    def find_project(self, mark: str) -> Json | None:
        """The project in whose description this stands, if any."""
        page: int | None = 1
        while page is not None:
            asked = {"page": page, "page_size": PAGE, "include": "id,title,description"}
            found = self._get("/api/projects/", asked)
            for one in found["results"]:
                if mark in (one.get("description") or ""):
                    return dict(one)
            page = page + 1 if found.get("next") else None
        return None

    def create_project(self, values: Mapping[str, Any]) -> int:
        """Make a project; its number."""
        return int(self._send("POST", "/api/projects/", json=dict(values))["id"])

    def change_project(self, number: int, values: Mapping[str, Any]) -> None:
        """Change a project."""
        self._send("PATCH", f"/api/projects/{number}/", json=dict(values))

    def tasks(self, number: int) -> Iterator[tuple[Json, int]]:
        """(task with its annotations and predictions, how many tasks there are), each in turn."""
        page, n_read = 1, 0
        while True:
            asked = {"project": number, "page": page, "page_size": _TASKS_PAGE, "fields": "all"}
            try:
                found = self._get("/api/tasks/", asked)
            except GoneError:
                if page == 1:
                    raise
                return  # tasks went while we read: the last page is gone
            for one in found["tasks"]:
                yield one, int(found["total"])
            n_read += len(found["tasks"])
            if n_read >= found["total"] or not found["tasks"]:
                return
            page += 1

    def uploads(self, number: int) -> dict[str, str]:
        """Name of each file that was uploaded to a project -> its path there."""
        found = self._get(f"/api/projects/{number}/file-uploads", {"all": "true"})
        return {_own_name(one["file"]): "/data/" + one["file"] for one in found}

    def upload(self, number: int, files: Mapping[str, bytes], kind: str) -> dict[str, str]:
        """Upload files (name -> content) to a project, making no tasks; name -> path there."""
        parts = [(name, (name, content, kind)) for name, content in files.items()]
        path = f"/api/projects/{number}/import"
        made = self._send("POST", path, params={"commit_to_project": "false"}, files=parts)
        asked = {"ids": json.dumps(made["file_upload_ids"])}
        found = self._get(f"/api/projects/{number}/file-uploads", asked)
        return {_own_name(one["file"]): "/data/" + one["file"] for one in found}

    def import_tasks(self, number: int, tasks: Sequence[Json]) -> None:
        """Add tasks, with their predictions, to a project."""
        self._send("POST", f"/api/projects/{number}/import", json=list(tasks))

    def add_prediction(self, prediction: Json) -> None:
        """Add a prediction to the task that it names."""
        self._send("POST", "/api/predictions/", json=prediction)

    def change_task(self, number: int, values: Mapping[str, Any]) -> None:
        """Change a task."""
        self._send("PATCH", f"/api/tasks/{number}/", json=dict(values))

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._send("GET", path, params=params)

    def _send(self, method: str, path: str, **given: Any) -> Any:
        if not self._authorization:
            self._refresh()
        answer = self._request(method, path, **given)
        if answer.status_code == 401 and self._is_personal:
            self._refresh()
            answer = self._request(method, path, **given)
        return self._read(answer, f"{method} {path}")

    def _request(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"Authorization": self._authorization} if self._authorization else {}
        try:
            return self._client.request(method, path, headers=headers, **given)
        except httpx.TimeoutException:
            raise LabelStudioError(
                f"Label Studio at {self.url} did not answer within {TIMEOUT_S:g} s"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise LabelStudioError(
                f"Label Studio cannot be reached at {self.url} (labelstudio_url): {reason}"
            ) from None

    def _refresh(self) -> None:
        """Exchange the personal token for one that is good now."""
        self._authorization = ""
        answer = self._request("POST", "/api/token/refresh/", json={"refresh": self._token})
        if answer.status_code == 401:
            raise self._not_let_in()
        fresh = self._read(answer, "POST /api/token/refresh/")
        self._authorization = f"Bearer {fresh['access']}"

    def _read(self, answer: httpx.Response, what: str) -> Any:
        if answer.status_code == 401:
            raise self._not_let_in()
        if answer.is_redirect:
            to = answer.headers.get("location", "elsewhere")
            raise LabelStudioError(
                f"{self.url} leads to {to}: set labelstudio_url to where Label Studio really is"
            )
        said = _words(answer)
        if answer.status_code == 404 and what in _ALWAYS_THERE:
            raise self._no_label_studio(what)
        if answer.status_code == 404:
            raise GoneError(f"Label Studio has nothing at {what}: {said}")
        if answer.status_code == 403:
            raise LabelStudioError(f"Label Studio: the token's owner may not {what}: {said}")
        if not answer.is_success:
            raise LabelStudioError(f"Label Studio answered {answer.status_code} to {what}: {said}")
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise self._no_label_studio(what) from None

    def _no_label_studio(self, what: str) -> LabelStudioError:
        return LabelStudioError(
            f"what answers at {self.url} (labelstudio_url) is no Label Studio: it does not know "
            f"{what}"
        )

    def _not_let_in(self) -> LabelStudioError:
        return LabelStudioError(
            f"Label Studio at {self.url} does not know the token (labelstudio_token), or it is "
            "over: make a new one under Account & Settings there"
        )


def _own_name(path: str) -> str:
    """The name by which a file was uploaded: Label Studio puts 8 digits and a hyphen before it."""
    return path.rsplit("/", 1)[-1][9:]


def _words(answer: httpx.Response) -> str:
    """What an answer says went wrong, on one line."""
    try:
        told = answer.json()
    except ValueError:
        return answer.reason_phrase
    if isinstance(told, dict):
        told = told.get("validation_errors") or told.get("detail") or told
    return " ".join(json.dumps(told, ensure_ascii=False).split()).strip('"')[:300]
