"""The session without a terminal: judging, walking, searching, undoing, and the file that follows it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session import ARTICLES, CLEANER, TEXTS, clean, session

from dedupe.decisions import Verdict, Verdicts, line, verdict_on
from dedupe.model import Article, Decision, Edit, Finding, Outcome, Safety, Span
from dedupe.pipeline import Cleaner, Result, run
from dedupe.review.log import Log
from dedupe.review.session import Session

pytestmark = pytest.mark.usefixtures("in_a_folder")


def outputs(state: Session) -> list[str]:
    return [state.result(number).text for number in range(len(state.articles))]


def test_it_starts_at_the_first_finding_and_goes_on_after_each_word() -> None:
    state = session()
    seen = []
    while (view := state.view()) and view.word is None:
        seen.append((state.place.article, view.decision.finding.code))
        assert state.judge("reject")
    assert seen == [(0, "LAY001"), (0, "REP001"), (1, "LAY001"), (1, "LAY002"), (3, "CAP001"), (4, "LAY001")]
    assert outputs(state) == list(TEXTS.values()), "all was rejected"


def test_a_word_decides_whatever_the_level_says() -> None:
    careful = Cleaner(ignore="LAY090", level="safe")
    state = Session(ARTICLES, lambda a, said: run(a, careful.rules, careful.policy, careful.model, (), said))
    view = state.view()
    assert view and view.by_level.outcome is Outcome.TOO_RISKY
    before = state.place
    state.judge("accept")
    assert state.place != before
    assert state.previous()
    view = state.view()
    assert view and (view.word, view.decision.outcome, view.by_level.outcome) == (
        "accept",
        Outcome.APPLIED,
        Outcome.TOO_RISKY,
    )
    assert "layers" not in state.result(0).text


def test_a_rule_is_accepted_here_or_everywhere() -> None:
    state = session()
    assert (state.accept_rule(), len(state.verdicts)) == (1, 1)
    state.undo()
    assert state.accept_rule(everywhere=True) == 3
    assert {(v.article, v.code, v.verdict) for v in state.verdicts} == {
        (name, "LAY001", "accept") for name in ("bridge", "road", "german")
    }
    assert state.undo()
    assert state.verdicts == []


def test_a_rule_does_not_overrule_what_was_rejected() -> None:
    state = session()
    state.judge("reject")
    state.previous()
    assert state.accept_rule(everywhere=True) == 2
    assert "layers" in state.result(0).text


def test_walking() -> None:
    state = session()
    walked = [state.place]
    while state.next():
        walked.append(state.place)
    back = [state.place]
    while state.previous():
        back.append(state.place)
    assert walked == back[::-1]
    assert [place.article for place in walked] == [0, 0, 1, 1, 3, 4]
    assert [state.next_article() and state.place.article for _ in range(5)] == [1, 2, 3, 4, False]


def test_an_article_without_finding_can_be_stood_at() -> None:
    state = session()
    state.next_article()
    state.next_article()
    assert (state.place, state.view(), state.judge("accept"), state.accept_rule()) == ((2, None), None, False, 0)
    assert state.next()
    assert state.place.article == 3


@pytest.mark.parametrize(
    ("words", "article", "code"),
    [
        ("SHARE", 1, "LAY002"),
        ("stray-token", 1, "LAY001"),
        ("REP001", 0, "REP001"),
        ("تصوير", 3, "CAP001"),
        ("About german", 4, "LAY001"),
    ],
)
def test_search(words: str, article: int, code: str) -> None:
    state = session()
    assert state.search(words)
    view = state.view()
    assert view and (state.place.article, view.decision.finding.code) == (article, code)


def test_search_goes_round_and_finds_nothing_where_nothing_is() -> None:
    state = session()
    places = [state.search("LAY001") and state.place.article for _ in range(4)]
    assert places == [1, 4, 0, 1]
    before = state.place
    assert not state.search("no such words")
    assert state.place == before


def test_it_goes_on_where_it_was_left() -> None:
    first = session()
    for _ in range(3):
        first.judge("accept")
    again = session(verdicts=first.verdicts)
    assert again.place == first.place
    assert outputs(again) == outputs(first)


def test_it_goes_on_at_the_last_article_whatever_was_skipped_before() -> None:
    first = session()
    first.next_article()
    first.judge("accept")
    assert (first.place.article, session(verdicts=first.verdicts).place) == (1, first.place)


def test_what_lies_inside_another_cut_is_shown_only_if_something_was_said_of_it() -> None:
    article = Article("Snow fell. Rain fell.")

    def cut(code: str, start: int, end: int) -> Finding:
        return Finding(code, Span(start, end), "", Safety.SAFE, (Edit(Span(start, end), article.text[start:end], ""),))

    outer, inner = cut("LAY001", 10, 21), cut("LAY002", 11, 15)
    decisions = Decision(outer, Outcome.APPLIED, ""), Decision(inner, Outcome.OVERLAPS, "")
    plan = replace(clean("quiet", ()).plan, edits=(replace(outer.edits[0], finding=0),), decisions=decisions)
    result = Result(article, "Snow fell.", plan)
    assert Session([article], lambda *_: result).shown(0) == [0]
    said = verdict_on(article, inner, "accept")
    assert Session([article], lambda *_: result, [said]).shown(0) == [0, 1]


def test_a_plan_narrows_what_is_looked_at() -> None:
    finding = clean("road", ()).plan.decisions[0].finding
    state = session(wanted={1: {(finding.code, *finding.span)}})
    assert state.place.article == 1
    assert not state.next() and not state.previous()


ACTIONS: dict[str, Callable[[Session], object]] = {
    "accept": lambda s: s.judge("accept"),
    "reject": lambda s: s.judge("reject"),
    "rule": lambda s: s.accept_rule(),
    "everywhere": lambda s: s.accept_rule(everywhere=True),
    "edit": lambda s: s.edit(s.result(s.place.article).text + "!"),
    "release": lambda s: s.release(),
    "undo": lambda s: s.undo(),
    "next": lambda s: s.next(),
    "previous": lambda s: s.previous(),
    "article": lambda s: s.next_article(),
    "open": lambda s: s.next_open(),
    "search": lambda s: s.search("LAY"),
}


@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=25))
def test_any_sequence_can_be_undone_and_is_what_clean_makes_of_the_decisions(actions: list[str]) -> None:
    state = session()
    known: list[tuple[list[Verdict], list[tuple[int, str | None]], list[str]]] = []  # a slow undo: everything is kept
    for action in actions:
        before = list(state.verdicts), list(state.hand), outputs(state)
        did = ACTIONS[action](state)
        if action == "undo":
            assert bool(did) == bool(known)
            if known:
                assert (state.verdicts, state.hand, outputs(state)) == known.pop()
        elif (state.verdicts, state.hand) != before[:2]:
            known.append(before)
        else:
            assert outputs(state) == before[2]
    by_decisions = Cleaner(CLEANER.policy, decisions=Verdicts(state.verdicts))
    for number, article in enumerate(ARTICLES):
        result = state.result(number)
        assert result.undo() == article.text
        if state.hand_text(number) is None:
            assert result == by_decisions.clean(article)
    while state.undo():
        pass
    assert outputs(state) == [clean(article.id, ()).text for article in ARTICLES]


@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=15))
def test_the_file_follows_and_a_new_session_reads_the_same(actions: list[str]) -> None:
    path = Path("decisions.jsonl")
    path.unlink(missing_ok=True)
    state = session()
    log = Log(path, line, 0)
    for action in actions:
        ACTIONS[action](state)
        log.follow(state.verdicts)
        kept = [json.loads(row) for row in path.read_text("utf-8").splitlines()] if path.exists() else []
        assert kept == [line(verdict) for verdict in state.verdicts]


def test_a_log_keeps_what_the_file_holds() -> None:
    path = Path("log.jsonl")
    path.write_bytes(b'{"old": 1}')  # without a line break at its end
    log = Log[int](path, lambda n: {"n": n}, 1)
    log.follow([0, 1, 2])
    assert path.read_bytes() == b'{"old": 1}\n{"n": 1}\n{"n": 2}\n'
    log.follow([0])
    assert path.read_bytes() == b'{"old": 1}'


def test_a_log_that_cannot_be_written_leaves_no_part_of_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        """A disk with room for a few bytes more."""

        def write(self, data: Any) -> int:
            if len(data) < 9:
                raise OSError(28, "No space left on device")
            return super().write(data[:4])

    path = Path("log.jsonl")
    log = Log[int](path, lambda n: {"n": n}, 0)
    log.follow([1])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda path, mode, **_: Full(path, mode))
        with pytest.raises(OSError, match="No space"):
            log.follow([1, 22222])
    assert path.read_bytes() == b'{"n": 1}\n'
    log.follow([1, 22222])
    assert path.read_bytes() == b'{"n": 1}\n{"n": 22222}\n'
