"""Where Label Studio is, and the token that it is spoken to with."""

import httpx
import pytest

from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.pulling import pull
from annotation.labelstudio.pushing import push
from annotation.labelstudio.server import LabelStudio, LabelStudioError
from tests.annotation.desk.conftest import BATCH, N_CLIPS
from tests.annotation.labelstudio.annotating import judged_by
from tests.annotation.labelstudio.conftest import bridged
from tests.annotation.labelstudio.stand_in import PERSONAL, TOKEN


def test_a_server_that_moved_is_the_same_one(desk, there):
    push(bridged(desk, there), BATCH)
    judged_by(desk, there)
    moved = Bridge(desk, LabelStudio("https://new.example", TOKEN, there.transport))
    assert pull(moved, BATCH).n_new == 3
    assert push(moved, BATCH).n_there == N_CLIPS
    assert pull(bridged(desk, there), BATCH).n_known == 3


def test_a_personal_token_is_exchanged_and_exchanged_again(desk, there):
    bridge = bridged(desk, there, PERSONAL)
    push(bridge, BATCH)
    assert there.n_refreshed == 1
    there.access = "over"
    push(bridge, BATCH)
    assert there.n_refreshed == 2


@pytest.mark.parametrize("token", ["wrong-wrong-wrong", "a.wrong.one"])
def test_a_bad_token_is_one_line_without_it(desk, there, token):
    with pytest.raises(LabelStudioError, match="does not know the token") as caught:
        push(bridged(desk, there, token), BATCH)
    assert "\n" not in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_server_that_is_down_or_something_else_is_one_line(desk):
    def refuse(request):
        raise httpx.ConnectError("[Errno 111] Connection refused")

    def page(request):
        return httpx.Response(200, text="<html>")

    def other(request):
        return httpx.Response(404, json={"error": "nothing here"})

    def moved(request):
        return httpx.Response(301, headers={"location": "https://elsewhere.example/"})

    for answer, words in (
        (refuse, r"cannot be reached at http://there.example \(labelstudio_url\): .*refused"),
        (page, "is no Label Studio"),
        (other, "is no Label Studio"),
        (moved, "leads to https://elsewhere.example/"),
    ):
        server = LabelStudio("http://there.example", "x" * 40, httpx.MockTransport(answer))
        with pytest.raises(LabelStudioError, match=words) as caught:
            push(Bridge(desk, server), BATCH)
        assert "\n" not in str(caught.value)
