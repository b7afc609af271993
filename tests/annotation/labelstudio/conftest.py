"""A desk, a stand-in for Label Studio, and the bridge between them."""

import pytest

from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.server import LabelStudio
from tests.annotation.desk.conftest import (  # noqa: F401 - fixtures
    client,
    clips,
    clock,
    desk,
    events,
    migrated_postgres,
    migrated_sqlite,
    postgres_url,
    stored_desk,
    url,
)
from tests.annotation.labelstudio.stand_in import TOKEN, StandIn


@pytest.fixture
def there():
    return StandIn()


def bridged(desk, there, token=TOKEN, **more):  # noqa: F811
    """The bridge from a desk to a stand-in."""
    return Bridge(desk, LabelStudio("http://there.example", token, there.transport), **more)


@pytest.fixture
def bridge(desk, there):  # noqa: F811
    return bridged(desk, there)
