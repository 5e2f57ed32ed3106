"""A finding in its context: before and after, far text left out, and nothing that steers the terminal."""

from __future__ import annotations

from typing import Any

import pytest
from session import TEXTS, clean

from dedupe.model import Edit, Finding, Safety, Span
from dedupe.review.excerpt import before_and_after, right_to_left, visible


def marked(pieces: Any) -> str:
    return "".join(piece.marked for piece in pieces)


def test_before_and_after() -> None:
    finding = clean("road", ()).plan.decisions[0].finding
    before, after = before_and_after(TEXTS["road"], finding)
    assert marked(before).startswith("The road is open again.[- layers-]\nShare")
    assert marked(after).startswith("The road is open again.\nShare")


def test_what_is_only_reported_is_pointed_at() -> None:
    finding = Finding("LAY006", Span(5, 9), "", Safety.DISPLAY)
    before, after = before_and_after("Snow fell.", finding)
    assert (marked(before), after) == ("Snow >>fell<<.", [])


def test_far_text_is_left_out_and_near_text_is_whole() -> None:
    text = "one two " * 200 + "cut here" + " three four" * 200
    edit = Edit(Span(1600, 1608), "cut here", "", seam=True)
    before, _ = before_and_after(text, Finding("X", edit.span, "", Safety.SAFE, (edit,)))
    shown = marked(before)
    assert shown.startswith("… one two") and shown.endswith("…") and "[-" in shown
    assert len(shown) < 500


def test_nothing_steers_the_terminal() -> None:
    assert visible("a\x1b[2Jb\u202ec\ud800\td\u200ce") == "a\\x1b[2Jb\\u202ec\\ud800 d\u200ce"
    assert visible("\u200c\u200b\r\n", marked=True) == "\\u200c\\u200b⏎\n"


@pytest.mark.parametrize(("text", "expected"), [("שלום a", True), ("12 قال", True), ("a שלום", False), ("12", False)])
def test_right_to_left(text: str, expected: bool) -> None:
    assert right_to_left(text) is expected
