"""Edits by hand: a text rewritten is a list of edits like any other, kept in a file, shown and undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session import ARTICLES, TEXTS, clean, session

from dedupe.edit import apply
from dedupe.errors import InputError
from dedupe.model import Edit, Outcome, Span
from dedupe.review import hand

words = st.sampled_from(["snow", "fell", "rain", ".", " ", "\n", "\r\n", "layers", "雪", "\u2028", "é"])
texts = st.lists(words, max_size=14).map("".join)


@given(texts, texts)
def test_changes_make_one_text_of_another(before: str, after: str) -> None:
    assert apply(before, hand.changes(before, after)) == after


@given(texts, texts, texts)
def test_edits_one_after_the_other_become_one_list(text: str, middle: str, after: str) -> None:
    first, second = hand.changes(text, middle), hand.changes(middle, after)
    first = [replace(edit, finding=7) for edit in first]
    both = hand.composed(text, first, second)
    assert apply(text, both) == after
    assert all(edit in first for edit in both if edit.finding == 7)
    if not second:
        assert both == first


def test_edits_side_by_side_stay_two() -> None:
    first, second = Edit(Span(2, 4), "XY", "", finding=0), Edit(Span(2, 4), "cd", "e")
    assert hand.composed("abXYcd", [first], [second]) == [first, Edit(Span(4, 6), "cd", "e")]
    second = Edit(Span(0, 2), "ab", "e")
    assert hand.composed("abXYcd", [first], [second]) == [second, first]


@given(texts, st.lists(st.sampled_from(["snow", "", "rain fell", "雪"]), min_size=1, max_size=6))
def test_lines_come_back_with_their_breaks(text: str, lines: list[str]) -> None:
    assert hand.rejoined(text, hand.lines_of(text)) == text
    assert hand.lines_of(hand.rejoined(text, lines)) == lines


def test_what_was_edited_by_hand_is_in_the_plan_and_undone() -> None:
    state = session()
    text = state.result(0).text.replace("Ferries sail", "Two ferries sail")
    assert state.edit(text)
    result = state.result(0)
    assert (result.text, result.undo()) == (text, TEXTS["bridge"])
    outcomes = {d.finding.code: d.outcome for d in result.plan.decisions}
    assert outcomes == {"LAY001": Outcome.APPLIED, "REP001": Outcome.APPLIED, hand.CODE: Outcome.APPLIED}
    assert not state.edit(text), "nothing was changed"
    assert state.shown(0) == [] and state.release()
    assert state.result(0).text == clean("bridge", ()).text


def test_a_cut_inside_what_was_rewritten_belongs_to_it() -> None:
    result = clean("german", ())
    by_hand = hand.edited(result, "Ganz neu.")
    assert by_hand.undo() == TEXTS["german"]
    assert [d.outcome for d in by_hand.plan.decisions if d.finding.code == "LAY001"] == [Outcome.OVERLAPS]


@pytest.mark.usefixtures("in_a_folder")
@pytest.mark.parametrize(
    ("raw", "said"), [("{", "no line of JSON"), ('{"text": 7}', "damaged"), ('{"text": "x"}', "is not in the input")]
)
def test_a_damaged_file_of_edits_is_refused(raw: str, said: str) -> None:
    Path("edits.jsonl").write_text(raw, "utf-8")
    with pytest.raises(InputError, match=said):
        list(hand.read(Path("edits.jsonl"), ARTICLES))
