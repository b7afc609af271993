"""Batches that are pulled by themselves, soon after somebody annotated."""

from annotation.labelstudio import fetching
from annotation.labelstudio.fetching import Fetcher
from annotation.labelstudio.pushing import push
from tests.annotation.desk.conftest import BATCH
from tests.annotation.labelstudio.annotating import ada_in, annotated_by, judged_by, judgements
from tests.processes import wait_until


def test_the_fetcher_pulls_what_it_is_told_of_and_says_a_trouble_once(bridge, there, desk):
    push(bridge, BATCH)
    judged_by(desk, there)
    said = []
    fetcher = Fetcher(bridge, said.append)
    fetcher.fetch({999})
    assert judgements(desk) == []
    fetcher.fetch({next(iter(there.projects))})
    assert len(judgements(desk)) == 3
    there.projects.clear()
    fetcher.fetch({None})
    fetcher.fetch({None})
    assert len(said) == 1
    assert "was deleted" in said[0]


def test_the_fetcher_pulls_soon_after_it_was_told(bridge, there, desk, monkeypatch):
    monkeypatch.setattr(fetching, "SOON_S", 0.01)
    push(bridge, BATCH)
    ada, said = ada_in(desk, there), []
    with fetching.fetching(bridge, said.append) as fetcher:
        wait_until(lambda: "GET /api/tasks/" in there.calls, 60, "all are looked at to begin with")
        annotated_by(ada, there)
        assert fetcher.tell(next(iter(there.projects)))
        wait_until(lambda: len(judgements(desk)) == 3, 60, "what was annotated is here")
    assert said == []
