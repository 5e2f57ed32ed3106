"""What holds for every text: nothing is lost, every finding is accounted for, levels nest, no words are glued."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from articles import CAPTIONS, SENTENCES, articles, sentence
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedupe.annotate import annotate
from dedupe.detect import detect
from dedupe.edit import apply, inverse
from dedupe.model import Article, Outcome, Span
from dedupe.normalise import UNSPACED
from dedupe.pipeline import Cleaner, Result
from dedupe.policy import Level
from dedupe.segment import segment

LEVELS = [level.value for level in Level]
CLEANERS = {level: Cleaner(level=level) for level in LEVELS}

anything = st.text(st.characters(), max_size=300) | st.text('ab.! \n\r“”">-*…3\u200b。字', max_size=80)
every_text = articles() | anything.map(Article)
levels = st.sampled_from(LEVELS)


def removed(result: Result) -> set[int]:
    """The places of the visible characters that an edit takes out."""
    text = result.article.text
    return {
        place
        for edit in result.plan.edits
        for place in range(edit.span.start, edit.span.end)
        if not text[place].isspace() and text[place] not in edit.after
    }


def applied_cuts(result: Result) -> Iterator[Span]:
    for decision in result.plan.decisions:
        if decision.outcome is Outcome.APPLIED:
            yield from (edit.span for edit in decision.finding.edits if edit.seam)


def spaced_word(character: str) -> bool:
    return character.isalnum() and not any(low <= character <= high for low, high in _unspaced_ranges())


def _unspaced_ranges() -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(UNSPACED):
        yield UNSPACED[at], UNSPACED[at + 2]
        at += 3


@given(every_text, levels)
@example(Article(""), "strict")
@example(Article("\r\n"), "strict")
@example(Article("\ud800 layers"), "strict")
def test_undo_restores_the_exact_text(article: Article, level: str) -> None:
    result = CLEANERS[level].clean(article)
    assert result.undo() == article.text
    assert apply(article.text, result.plan.edits) == result.text
    assert apply(result.text, inverse(result.plan.edits)) == article.text
    assert result.changed == (result.text != article.text)


@given(every_text, levels)
def test_every_finding_is_accounted_for(article: Article, level: str) -> None:
    cleaner = CLEANERS[level]
    findings = detect(annotate(segment(article), cleaner.model), cleaner.rules)
    plan = cleaner.clean(article).plan
    assert [d.finding for d in plan.decisions] == list(findings)
    for decision in plan.decisions:
        finding = decision.finding
        assert finding.message.strip() and decision.reason.strip()
        assert 0 <= finding.span.start <= finding.span.end <= len(article.text)
        for edit in finding.edits:
            assert article.text[edit.span.start : edit.span.end] == edit.before
        if finding.witness is not None:
            source = (article.title or "") if finding.witness.field == "title" else article.text
            assert 0 <= finding.witness.span.start < finding.witness.span.end <= len(source)
            assert 0 <= finding.witness.score <= 1
    end = 0
    for edit in plan.edits:
        assert end <= edit.span.start <= edit.span.end <= len(article.text)
        assert edit.before == article.text[edit.span.start : edit.span.end] != edit.after
        assert plan.decisions[edit.finding].outcome is Outcome.APPLIED
        end = edit.span.end
    changed_by = {edit.finding for edit in plan.edits}
    assert changed_by == {n for n, d in enumerate(plan.decisions) if d.outcome is Outcome.APPLIED}


@given(every_text, levels)
def test_a_witness_is_never_cut(article: Article, level: str) -> None:
    result = CLEANERS[level].clean(article)
    cuts = list(applied_cuts(result))
    for decision in result.plan.decisions:
        witness = decision.finding.witness
        if decision.outcome is Outcome.APPLIED and witness is not None and witness.field == "text":
            assert not any(cut.start < witness.span.end and witness.span.start < cut.end for cut in cuts), decision


@given(every_text)
def test_a_level_holds_the_edits_of_the_level_below(article: Article) -> None:
    safe, standard, strict = (removed(CLEANERS[level].clean(article)) for level in LEVELS)
    assert safe <= standard <= strict


@given(every_text, levels)
def test_no_words_are_glued(article: Article, level: str) -> None:
    result = CLEANERS[level].clean(article)
    text, shift = article.text, 0
    stretches: list[tuple[int, int, str, bool]] = []
    for edit in result.plan.edits:
        seam = any(e.seam for e in result.plan.decisions[edit.finding].finding.edits)
        if stretches and stretches[-1][1] == edit.span.start:
            start, _, after, also = stretches.pop()
            stretches.append((start, edit.span.end, after + edit.after, also or seam))
        else:
            stretches.append((edit.span.start, edit.span.end, edit.after, seam))
    for start, end, after, seam in stretches:
        if seam and not after and start > 0 and end < len(text):
            at = start + shift
            left, right = result.text[at - 1], result.text[at]
            assert not (spaced_word(left) and spaced_word(right)), result.text[max(0, at - 20) : at + 20]
        shift += len(after) - (end - start)


@given(articles(), st.lists(articles(), max_size=2), levels)
@settings(max_examples=30)
def test_the_same_input_gives_the_same_plan(article: Article, others: list[Article], level: str) -> None:
    cleaner = Cleaner(level=level)
    alone = cleaner.clean(article)
    forward = list(cleaner.clean_stream([*others, article]))
    backward = list(cleaner.clean_stream([article, *reversed(others)]))
    assert forward[-1] == backward[0] == alone == CLEANERS[level].clean(article)


def settled(article: Article, level: str) -> bool:
    once = CLEANERS[level].clean(article)
    again = CLEANERS[level].clean(Article(once.text, title=article.title, markup=article.markup))
    return again.text == once.text


DAMAGES = ["token", "repeat", "caption", "credit", "quote", "teaser", "marker"]


@st.composite
def ordinary(draw: st.DrawFn) -> Article:
    """An article with the damage that real ones have: each kind once, no two kinds in one paragraph."""
    said = draw(st.permutations(SENTENCES))
    body = [f"{said[0]} {said[1]}", said[2], f"{said[3]} {said[4]} {said[5]}", said[6], f"{said[7]} {said[8]}"]
    lines = list(body)
    for damage in sorted(draw(st.sets(st.sampled_from(DAMAGES))), key=DAMAGES.index):
        at = draw(st.integers(0, len(lines)))
        if damage == "repeat":
            lines.insert(at, body[0])
        elif damage == "caption":
            lines.insert(at, draw(st.sampled_from([CAPTIONS[0], CAPTIONS[3], f"{CAPTIONS[3]} {said[2]}"])))
        elif damage == "credit":
            lines.insert(at, CAPTIONS[2])
        elif damage == "token":
            lines[3] += " layers"
        elif damage == "quote":
            lines.insert(at, f"“{said[4]}”")
        elif damage == "teaser":
            lines.insert(at, said[7][: len(said[7]) * 2 // 3].rsplit(" ", 1)[0] + "…")
        else:
            lines.insert(at, ">")
    return Article(draw(st.sampled_from(["\n", "\n\n", "\r\n"])).join(lines))


@given(ordinary(), st.sampled_from(["safe", "standard"]))
def test_cleaning_the_output_again_changes_nothing(article: Article, level: str) -> None:
    assert settled(article, level)


FALL = "At least 30 people were hurt when the crane fell."
CREDITED = "Edda Kroll (left) with Tobin Marsh at the quay. Photo: Nils Arden"
UNSETTLED = pytest.mark.xfail(reason="one pass sees only what the damage on top leaves to be seen")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n".join([FALL] * 4), id="the same line four times"),
        pytest.param("\n".join([f"{FALL} {SENTENCES[6]}"] * 5), id="the same paragraph five times"),
        pytest.param(f"{FALL} {FALL} more_vert", id="a stray word behind one of two copies"),
        pytest.param("\ufeff>", id="an invisible character before a marker", marks=UNSETTLED),
        pytest.param(f"He left. {FALL}\n&nbsp;{FALL}\nHe sat. {FALL}", id="an entity before a copy", marks=UNSETTLED),
        pytest.param(f"{CREDITED}\n{CREDITED}", id="a credit behind both copies"),
        pytest.param(
            f"{SENTENCES[7]}{SENTENCES[6]}{SENTENCES[6]}", id="a glued sentence before a copy", marks=UNSETTLED
        ),
    ],
)
def test_damage_on_top_of_damage_is_settled(text: str) -> None:
    assert all(settled(Article(text), level) for level in LEVELS)


NUMBERED = [
    "At least {} people were hurt when the crane at the north quay fell.",
    "Der Hafen zählte am Montag {} Schiffe, wie die Behörde in Lindvoe mitteilte.",
    "Le port a compté {} navires lundi, selon la capitainerie de Valmer.",
    "Порт Ясноречье принял в понедельник {} судна, сообщила администрация.",
    "市长说，星期一有{}艘渔船停在北码头。",
]


@pytest.mark.parametrize("pattern", NUMBERED)
@given(numbers=st.lists(st.integers(2, 9999), min_size=2, max_size=4, unique=True), level=levels)
@settings(max_examples=15)
def test_sentences_that_differ_in_a_number_all_stand(pattern: str, numbers: list[int], level: str) -> None:
    body = [pattern.format(number) for number in numbers]
    text = "\n".join(line for pair in zip(body, SENTENCES[6:], strict=False) for line in pair)
    cleaned = CLEANERS[level].clean(text).text
    for line in body:
        assert line in cleaned


@given(st.lists(sentence, min_size=2, max_size=9, unique=True))
def test_different_sentences_all_stand(said: list[str]) -> None:
    for text in ("\n".join(said), " ".join(said)):
        cleaned = CLEANERS["standard"].clean(text).text
        assert cleaned.split() == text.split()


def test_the_seed_of_hashes_changes_nothing() -> None:
    """Processes whose sets have different orders choose the same among sentences that are equally alike."""
    program = (
        "from dedupe.matching import _pairs\n"
        "words = [f'w{i}' for i in range(24)]\n"
        "keys = [' '.join([*(f'own{i}x{j}' for j in range(6)), *words[2 * i : 2 * i + 4]]) for i in range(10)]\n"
        "print(list(_pairs([' '.join(['one', *words]), *keys, ' '.join(words)])))\n"
    )
    pairs = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(pairs) == 1
