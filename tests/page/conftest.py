"""What tests of the page share: an assistant without models, and the page in a real browser.

A test module that opens the page names the articles of its dossier in ARTICLES, by file name.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from rag.config import Settings
from rag.dossier import Dossier
from tests.fakes import FakeAssistant, HashEmbedder
from tests.page.browsing import Served, Tab, chromium, tabs


@pytest.fixture
def assistant(settings: Settings) -> Iterator[FakeAssistant]:
    """Over an empty dossier."""
    dossier = Dossier.open(settings, HashEmbedder())
    yield FakeAssistant(dossier)
    dossier.close()


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The page over the ARTICLES of the module."""
    served = Served(tmp_path_factory.mktemp("page"), request.module.ARTICLES)
    yield served
    served.blocks.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Skips the test where there is none."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_tab(served: Served, browser: Browser) -> Iterator[Callable[..., Tab]]:
    """`open_tab(**options)`: a tab of its own on the page, whose assistant waits for nothing."""
    with tabs(browser, served.address) as open_tab:
        yield open_tab
        served.assistant.before_each = lambda: None
