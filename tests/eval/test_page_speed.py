"""What the browser is said to show after so many seconds is what it showed."""

from pathlib import Path

from eval.page_speed import SHOWN, Seen, asked, table
from tests.page.browsing import Served, chromium

BRIDGE = "---\ntitle: Le pont rouvre\ndate: 2025-06-13\n---\nLe pont de Nantes a rouvert lundi.\n"


def test_every_moment_of_a_question_is_seen_in_its_order(tmp_path: Path) -> None:
    with chromium() as browser:
        page = Served(tmp_path, {"pont.md": BRIDGE})
        times = asked(browser, page.address, "Qui a rouvert le pont ?")
        page.blocks.close()
    assert set(times) == set(SHOWN)
    assert 0 < times["hits"] <= times["first_reading"] <= times["first_text"] <= times["done"]


def test_the_table_tells_medians_and_the_slowest() -> None:
    def seen(way: str, seconds: float) -> Seen:
        return Seen("Who?", way, dict.fromkeys(SHOWN, seconds))

    told = table([seen("cold", 3.0), seen("warm", 1.0), seen("warm", 2.0)])
    assert [line.split()[:3] for line in told.splitlines()[3:]] == [
        ["warm,", "median", "1.50"],
        ["warm,", "slowest", "2.00"],
    ]
