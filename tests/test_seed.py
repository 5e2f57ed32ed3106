"""The real scraped article that dedupe exists for, line by line. It stands beside the checkout, not in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import dedupe
from dedupe.model import Decision, Outcome
from dedupe.pipeline import Result


@pytest.fixture(scope="module")
def result(shared: Path) -> Result:
    path = shared / "seed" / "article.txt"
    if not path.exists():
        pytest.skip("the seed article does not stand beside this checkout")
    return dedupe.clean(dedupe.Article(path.read_bytes().decode("utf-8"), source=path.name))


def lines(text: str) -> list[str]:
    return ["", *text.split("\n")]  # counted from 1


def on_line(result: Result, number: int) -> list[Decision]:
    text = result.article.text
    return [d for d in result.plan.decisions if text.count("\n", 0, d.finding.span.start) + 1 == number]


def applied(result: Result, number: int) -> set[str]:
    return {d.finding.code for d in on_line(result, number) if d.outcome is Outcome.APPLIED}


def test_what_is_left(result: Result) -> None:
    before = lines(result.article.text)
    expected = [before[n] for n in range(2, len(before)) if n not in {6, 7, 11, 15}]
    expected.insert(4, before[6].removesuffix(" layers"))
    left = lines(result.text)[1:]
    seam = left.pop(5)
    assert left == expected
    assert seam.replace(" ", "") == before[7].replace(" ", "")
    assert len(before[7]) <= len(seam) <= len(before[7]) + 1


def test_line_1_lone_quote_marker(result: Result) -> None:
    assert applied(result, 1) == {"TXT004"}


def test_line_6_stray_token_and_possible_caption(result: Result) -> None:
    assert applied(result, 6) == {"LAY001"}
    assert any(d.finding.code == "CAP002" and d.outcome is not Outcome.APPLIED for d in on_line(result, 6))


def test_line_7_glued_sentences(result: Result) -> None:
    assert "TXT005" in {d.finding.code for d in on_line(result, 7)}


def test_line_11_caption(result: Result) -> None:
    assert applied(result, 11) == {"CAP002"}


def test_line_15_caption_with_a_glued_repeat(result: Result) -> None:
    assert applied(result, 15) == {"REP007", "CAP002"}
    text = result.article.text
    (repeat,) = [d.finding for d in on_line(result, 15) if d.finding.code == "REP007" and d.outcome is Outcome.APPLIED]
    assert repeat.witness is not None
    witness = text[repeat.witness.span.start : repeat.witness.span.end]
    assert witness == lines(text)[16] == text[repeat.span.start : repeat.span.end].strip()


def test_nothing_else_is_touched(result: Result) -> None:
    touched = {result.article.text.count("\n", 0, edit.span.start) + 1 for edit in result.plan.edits}
    assert touched <= {1, 6, 7, 11, 15}


def test_undo(result: Result) -> None:
    assert result.undo() == result.article.text
