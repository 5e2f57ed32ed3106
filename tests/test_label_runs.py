"""Labels run into sentences: where they are told apart in a text that has lost its lines, and where nothing may be."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.label_runs import changes
from dedupe.model import Article
from dedupe.segment import segment

CASES = Path(__file__).parent.parent / "fixtures" / "label_runs.jsonl"
MENU = "Home News Sport Weather Travel Opinion Obituaries Classifieds Log In Subscribe Now "
STORY = "The bridge is open again, as the council had said. " * 40


def cases() -> list[object]:
    """The cases of the file; those that are known to fail are marked."""
    found: list[object] = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        marks = [pytest.mark.xfail(strict=True, reason=case["xfail"])] if "xfail" in case else []
        found.append(pytest.param(case["lang"], case["marked"], case.get("title", ""), marks=marks))
    return found


@pytest.mark.parametrize(("lang", "marked", "title"), cases())
def test_labels_are_told_from_sentences(lang: str, marked: str, title: str) -> None:
    text = marked.replace("‖", "")
    places = [0, *changes(text, lang, title), len(text)]
    assert "‖".join(text[a:b] for a, b in pairwise(places)) == marked


@given(st.text(alphabet=st.sampled_from("aB1 .,|é(“Жж字"), max_size=200), st.sampled_from(["en", "de", "ru", "zh"]))
@settings(deadline=None)
def test_changes_rise_within_the_text(text: str, lang: str) -> None:
    places = changes(text, lang, "a B a")
    assert places == sorted(set(places))
    assert all(0 < place < len(text) and not text[place].isspace() for place in places)


def test_only_a_text_without_lines_is_parted() -> None:
    line = MENU + "The bridge is open again, as the council had said."
    in_lines = segment(Article("\n".join([line] * 5)))
    assert len(in_lines.sentences) == 5
    one_line = segment(Article(f"{line} {STORY}"))
    assert one_line.shape == "one-line"
    first, second = one_line.sentences[:2]
    assert one_line.article.text[slice(*first.body)] == MENU.strip()
    assert one_line.article.text[slice(*second.body)].startswith("The bridge")


def test_markdown_keeps_its_sentences_whole() -> None:
    text = f"{MENU}{STORY}"
    plain, marked = segment(Article(text)), segment(Article(text, markup="markdown"))
    assert len(plain.sentences) == len(marked.sentences) + 1
    assert (len(plain.blocks), len(marked.blocks)) == (len(plain.sentences), 1)
