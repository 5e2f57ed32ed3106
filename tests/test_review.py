"""Cleaning by hand: the session without a terminal, edits by hand, the screen's keys, and a run in a real terminal."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.cli.review import review
from dedupe.cli.undo import undo
from dedupe.decisions import Verdict, Verdicts, line, read, verdict_on
from dedupe.edit import apply
from dedupe.errors import InputError
from dedupe.model import Article, Decision, Edit, Finding, Outcome, Safety, Span
from dedupe.pipeline import Cleaner, Result, run
from dedupe.review import hand
from dedupe.review.excerpt import before_and_after, right_to_left, visible
from dedupe.review.log import Log
from dedupe.review.session import Session

REPEAT = (
    "Mayor Orla Fenwick said on Monday that the council had spent 3 million crowns on the new deck and the railings."
)
TEXTS = {
    "bridge": f"Ferries sail again.\n\n{REPEAT}\n\nThe lorries wait no longer. layers\n\n{REPEAT}\n",
    "road": "The road is open again. layers\nShare this article\nTraffic flows both ways, said the warden Tam Okoye.",
    "quiet": "Nothing stands here that would have to go, said the clerk.",
    "arabic": "أعلنت بلدية مرسى الزيتون أن الجسر القديم سيعود إلى العمل صباح الاثنين.\nتصوير: سلمان الغدير\n"
    "وقالت رئيسة البلدية إن المهندسين أنهوا العمل قبل الموعد المحدد بأسبوعين.",
    "german": "Die Fähre nach Arvelle fährt wieder. layers\nDas sagte Hafenmeisterin Wibke Sörland am Montag.",
}
ARTICLES = [
    Article(text, id=name, title=f"About {name}", ordinal=number) for number, (name, text) in enumerate(TEXTS.items())
]
CLEANER = Cleaner(ignore="LAY090")


@lru_cache(None)
def clean(article_id: str | None, said: tuple[Verdict, ...]) -> Result:
    article = next(article for article in ARTICLES if article.id == article_id)
    return run(article, CLEANER.rules, CLEANER.policy, CLEANER.model, (), said)


def session(**more: Any) -> Session:
    return Session(ARTICLES, lambda article, said: clean(article.id, said), **more)


def outputs(state: Session) -> list[str]:
    return [state.result(number).text for number in range(len(state.articles))]


# --- the session


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


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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


# --- by hand

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


@pytest.mark.parametrize(
    ("raw", "said"), [("{", "no line of JSON"), ('{"text": 7}', "damaged"), ('{"text": "x"}', "is not in the input")]
)
def test_a_damaged_file_of_edits_is_refused(raw: str, said: str) -> None:
    Path("edits.jsonl").write_text(raw, "utf-8")
    with pytest.raises(InputError, match=said):
        list(hand.read(Path("edits.jsonl"), ARTICLES))


# --- a finding in its context


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


# --- the screen


def drive(state: Session, script: Callable[[Any], Awaitable[None]], size: tuple[int, int] = (80, 24)) -> list[int]:
    """Run the screen without a terminal; how many verdicts and edits there were at each save."""
    pytest.importorskip("textual", reason="the screen needs textual")
    from dedupe.review.screen import Review

    saved: list[int] = []

    async def go() -> None:
        app = Review(state, lambda: saved.append(len(state.verdicts) + len(state.hand)))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(pilot)

    asyncio.run(go())
    return saved


def on_screen(pilot: Any) -> str:
    """What stands on the screen, line by line."""
    return "\n".join("".join(part.text for part in strip) for strip in pilot.app.screen._compositor.render_strips())


def press(*keys: str, shows: str = "") -> Callable[[Any], Awaitable[None]]:
    async def script(pilot: Any) -> None:
        await pilot.press(*keys)
        await pilot.pause()
        assert shows in on_screen(pilot)

    return script


def test_a_finding_is_shown_whole_at_80_by_24() -> None:
    async def script(pilot: Any) -> None:
        lines = on_screen(pilot).split("\n")
        assert (len(lines), {len(row) for row in lines}) == (24, {80})
        shown = on_screen(pilot)
        for part in (
            "Article 1 of 5 bridge · About bridge",
            "Finding 1 of 2  LAY001 stray-token  likely  [open]",
            "the level: applies it",
            "The lorries wait no longer.[- layers-]",
            "a accept",
            "q quit",
        ):
            assert part in shown

    drive(session(), script)


@pytest.mark.parametrize(
    ("keys", "place", "verdicts", "shows"),
    [
        ("a", (0, "REP001"), ["accept"], "accepted LAY001"),
        ("r", (0, "REP001"), ["reject"], "rejected LAY001"),
        ("A", (0, "REP001"), ["accept"], "accepted 1 of LAY001 in this article"),
        ("E", (0, "REP001"), ["accept"] * 3, "accepted 3 of LAY001 in all articles"),
        ("aapE", (0, "REP001"), ["accept"] * 2, "no open finding of this rule in all articles"),
        ("aapA", (0, "REP001"), ["accept"] * 2, "no open finding of this rule in this article"),
        ("ru", (0, "LAY001"), [], "taken back"),
        ("u", (0, "LAY001"), [], "nothing to undo"),
        ("n", (0, "REP001"), [], "Finding 2 of 2"),
        ("nnnnnn", (4, "LAY001"), [], "no finding after this one"),
        ("np", (0, "LAY001"), [], "Finding 1 of 2"),
        ("p", (0, "LAY001"), [], "no finding before this one"),
        ("apo", (0, "REP001"), ["accept"], "[open]"),
        ("N", (1, "LAY001"), [], "Article 2 of 5"),
        ("NN", (2, None), [], "no finding"),
        ("NNa", (2, None), [], "no finding here"),
        ("NNNNN", (4, "LAY001"), [], "this is the last article"),
        ("x", (0, "LAY001"), [], "this article was not edited by hand"),
    ],
)
def test_keys(keys: str, place: tuple[int, str | None], verdicts: list[str], shows: str) -> None:
    state = session()
    saved = drive(state, press(*keys, shows=shows))
    view = state.view()
    assert (state.place.article, view.decision.finding.code if view else None) == place
    assert [v.verdict for v in state.verdicts] == verdicts
    assert not saved or saved[-1] == len(verdicts)


def test_every_key_of_the_help_is_tested_and_bound() -> None:
    pytest.importorskip("textual", reason="the screen needs textual")
    from dedupe.review.screen import KEYS, Review

    bound = {key for binding in Review.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]
    tested = {*"arAEunpoNxeq", "slash", "question_mark", "up", "down", "pageup", "pagedown", "ctrl+c", "ctrl+q"}
    assert bound == tested
    assert all(len(row) <= 80 for row in KEYS.split("\n"))


def test_editing_by_hand() -> None:
    state = session()

    async def script(pilot: Any) -> None:
        await press("e", "O", "h", "space", "ctrl+s", shows="edited by hand (x takes it back)")(pilot)
        assert state.result(0).text == "Oh " + clean("bridge", ()).text
        await press("a", shows="no finding here")(pilot)
        await press("e", "X", "escape", shows="nothing was edited")(pilot)
        await press("x", shows="taken back")(pilot)

    assert drive(state, script) == [1, 2]
    assert state.hand == [(0, "Oh " + clean("bridge", ()).text), (0, None)]


def test_a_text_that_would_steer_the_terminal_is_not_edited() -> None:
    article = Article("Rain\x1b[2J fell on the harbour of Arvelle. layers")
    cleaner = Cleaner(select="LAY001")
    state = Session([article], lambda a, said: run(a, cleaner.rules, cleaner.policy, None, (), said))

    async def script(pilot: Any) -> None:
        assert "Rain\\x1b[2J fell" in on_screen(pilot)
        await press("e", shows="control characters")(pilot)

    drive(state, script)


def test_search_on_the_screen() -> None:
    state = session()

    async def script(pilot: Any) -> None:
        await press("slash", *"lay002", "enter", shows="LAY002")(pilot)
        assert state.place.article == 1
        await press("slash", "escape", shows="LAY002")(pilot)
        await press("slash", *"[b]zzz", "enter", shows="nothing found: [b]zzz")(pilot)
        await press("slash", "enter", shows="nothing found: [b]zzz")(pilot)

    assert drive(state, script) == []


@pytest.mark.parametrize("key", ["escape", "q", "enter", "question_mark"])
def test_help(key: str) -> None:
    async def script(pilot: Any) -> None:
        await press("question_mark", shows="accept all open findings of this rule")(pilot)
        assert "escape: back" in on_screen(pilot), "the help fits on the screen"
        await press(key, shows="Finding 1 of 2")(pilot)

    drive(session(), script)


@pytest.mark.parametrize(("key", "finished"), [("q", True), ("ctrl+c", False), ("ctrl+q", False)])
def test_the_end(key: str, finished: bool) -> None:
    async def script(pilot: Any) -> None:
        await pilot.press(key)
        assert pilot.app.return_value is finished

    drive(session(), script)


def test_long_texts_wrap_and_scroll() -> None:
    long = " ".join(f"word{n}" for n in range(400))
    article = Article(f"{long} end of it. layers\nIt rained, said Ama Bentil.")
    edit = Edit(Span(0, len(long)), long, "", seam=True)
    finding = Finding("REP001", edit.span, "a long one", Safety.LIKELY, (edit,))
    result = Cleaner(select="LAY001").clean(article)
    decision = Decision(finding, Outcome.APPLIED, "")
    result = replace(result, plan=replace(result.plan, decisions=(decision,)))

    async def script(pilot: Any) -> None:
        assert "word0 word1" in on_screen(pilot)
        assert {len(row) for row in on_screen(pilot).split("\n")} == {80}
        await press("pagedown", "down")(pilot)
        assert "word0 word1" not in on_screen(pilot)
        await press("up", "pageup", shows="[-word0 word1")(pilot)

    drive(Session([article], lambda *_: result), script)


def test_right_to_left_text_stands_right() -> None:
    async def script(pilot: Any) -> None:
        await press("n", "n", "n", "n", shows="CAP001")(pilot)
        row = next(row for row in on_screen(pilot).split("\n") if "بأسبوعين" in row)
        assert row.startswith("  ")

    drive(session(), script)


def test_markup_and_odd_ids_are_shown_as_they_are() -> None:
    article = Article("The [b]road[/b] is open. layers\n[link=x]It rained.", id="[red]7\x1b", title="[/]")
    cleaner = Cleaner(select="LAY001")
    state = Session([article], lambda a, said: run(a, cleaner.rules, cleaner.policy, None, (), said))
    drive(state, press(shows="Article 1 of 1 [red]7\\x1b · [/]"))
    drive(state, press(shows="The [b]road[/b] is open.[- layers-]"))


def test_what_cannot_be_saved_ends_the_review() -> None:
    pytest.importorskip("textual", reason="the screen needs textual")
    from dedupe.review.screen import Review

    def full() -> None:
        raise OSError(28, "No space left on device")

    async def go() -> Review:
        app = Review(session(), full)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("a")
        return app

    app = asyncio.run(go())
    assert app.return_value is False
    assert "No space" in str(app.failure)


def test_keys_pressed_while_it_looks_everywhere_wait() -> None:
    state = session()
    drive(state, press("E", "r", shows="rejected REP001"))
    assert [v.verdict for v in state.verdicts] == ["accept"] * 3 + ["reject"]


def test_what_a_word_changes_is_said() -> None:
    drive(session(), press("r", "p", shows="now: holds it back (rejected: rejected by a person)"))


# --- the command


def put_articles(name: str = "news.jsonl") -> list[dict[str, Any]]:
    rows = [{"id": a.id, "n": 1.50, "text": a.text} for a in ARTICLES]
    Path(name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return rows


def reviewed(patch: pytest.MonkeyPatch, keys: Callable[[Session], object] | None, **options: Any) -> int:
    """Run the command; instead of a screen the function does what a person would. Without it, Ctrl-C is pressed."""
    pytest.importorskip("textual", reason="the screen needs textual")
    from dedupe.review.screen import Review

    def instead(app: Any) -> bool:
        if keys:
            keys(app.session)
            app._save()
        return keys is not None

    patch.setattr(Review, "run", instead)
    patch.setattr("sys.stdin", Terminal())
    patch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit) as end:
        review(**{"input": "news.jsonl", "ignore": ["LAY090"]} | options)
    assert isinstance(end.value.code, int)
    return end.value.code


class Terminal:
    def isatty(self) -> bool:
        return True


def two_words(state: Session) -> None:
    state.judge("accept")
    state.judge("reject")


def test_it_writes_what_clean_writes_with_the_same_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    from dedupe.cli.clean import clean as command

    put_articles()
    assert reviewed(monkeypatch, two_words, output="out.jsonl", report=["plan.jsonl", "changes.diff"]) == 0
    with pytest.raises(SystemExit):
        command(
            ["news.jsonl"],
            output="other.jsonl",
            report=["other-plan.jsonl", "other.diff"],
            ignore=["LAY090"],
            decisions=Path("news.jsonl.decisions.jsonl"),
        )
    for mine, other in (
        ("out.jsonl", "other.jsonl"),
        ("plan.jsonl", "other-plan.jsonl"),
        ("changes.diff", "other.diff"),
    ):
        assert Path(mine).read_bytes() == Path(other).read_bytes()
    assert [v.verdict for v in read("news.jsonl.decisions.jsonl").numbered] == ["accept", "reject"]
    assert Path("out.jsonl").read_text("utf-8").count(REPEAT) == 2


def test_it_goes_on_and_undoes_only_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_articles()
    reviewed(monkeypatch, two_words)
    assert "dedupe clean news.jsonl --decisions news.jsonl.decisions.jsonl -o OUT" in capsys.readouterr().err

    def more(state: Session) -> None:
        assert state.place.article == 1
        state.judge("accept")
        state.undo()
        assert not state.undo()
        state.judge("reject")

    reviewed(monkeypatch, more)
    assert [v.verdict for v in read("news.jsonl.decisions.jsonl").numbered] == ["accept", "reject", "reject"]


def test_edits_by_hand_are_kept_written_and_undone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_articles()
    before = Path("news.jsonl").read_bytes()
    reviewed(monkeypatch, lambda state: state.edit(state.result(0).text.replace("again", "once more")))
    assert "dedupe review news.jsonl" in capsys.readouterr().err
    assert Path("news.jsonl.decisions.edited.jsonl").is_file()
    assert reviewed(monkeypatch, two_words, output="out.jsonl", report=["plan.jsonl"]) == 0
    rows = [json.loads(row) for row in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["text"].startswith("Ferries sail once more.") and "layers" not in rows[0]["text"]
    assert Path("news.jsonl").read_bytes() == before
    with pytest.raises(SystemExit):
        undo("out.jsonl", report="plan.jsonl", output="back.jsonl")
    assert Path("back.jsonl").read_bytes() == before


def test_stopped_it_writes_no_output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    put_articles()
    assert reviewed(monkeypatch, None, output="out.jsonl") == 130
    assert "no output was written" in capsys.readouterr().err
    assert not Path("out.jsonl").exists()


def test_a_plan_says_what_to_look_at_and_at_which_level(monkeypatch: pytest.MonkeyPatch) -> None:
    from dedupe.cli.clean import clean as command

    put_articles()
    with pytest.raises(SystemExit):
        command(["news.jsonl"], report=["plan.jsonl"], output="x.jsonl", select=["LAY002"], level="safe")
    seen = []

    def look(state: Session) -> None:
        view = state.view()
        assert view
        seen.append((state.place.article, view.decision.finding.code, state.next(), state.result(0).plan.level))

    reviewed(monkeypatch, look, plan="plan.jsonl")
    assert seen == [(1, "LAY002", False, "safe")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"input": "-"}, "name a file"),
        ({"report": ["plan.jsonl"]}, "goes with -o"),
        ({"output": "news.jsonl"}, "would be overwritten"),
        ({"output": "news.txt"}, "is written as .jsonl"),
        ({"output": "no/such.jsonl"}, "does not exist"),
        ({"input": "empty.jsonl"}, "no article"),
        ({"plan": "other.jsonl"}, "another text"),
        ({"decisions": Path("broken.jsonl")}, "broken.jsonl, line 1"),
    ],
)
def test_refused_before_anything_is_shown(
    options: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from dedupe.cli.clean import clean as command

    put_articles()
    Path("broken.jsonl").write_text("{", "utf-8")
    Path("empty.jsonl").write_text("\n", "utf-8")
    Path("old").mkdir()
    Path("old/news.jsonl").write_text('{"text": "Rain fell. layers"}\n', "utf-8")
    with pytest.raises(SystemExit):
        command(["old/news.jsonl"], report=["other.jsonl"], dry_run=False, output="old/out.jsonl")
    capsys.readouterr()
    assert reviewed(monkeypatch, lambda _: pytest.fail("the screen was shown"), **options) == 2
    assert said in capsys.readouterr().err


def test_without_a_terminal_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("textual", reason="the screen needs textual")
    put_articles()
    with pytest.raises(SystemExit) as end:
        review("news.jsonl")
    assert end.value.code == 2
    assert "needs a terminal" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules["dedupe.cli.review"], "find_spec", lambda _: None)
    with pytest.raises(SystemExit):
        review("news.jsonl")
    assert 'pip install "dedupe-news[review]"' in capsys.readouterr().err


# --- a real terminal

COMMAND = "from dedupe.cli.review import review; review('news.jsonl', output='out.jsonl', ignore=['LAY090'])"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("no_color", [False, True])
def test_in_a_real_terminal(no_color: bool, root: Path, tmp_path: Path) -> None:
    pytest.importorskip("textual", reason="the screen needs textual")
    put_articles()
    script = tmp_path / "run.py"
    script.write_text(COMMAND, "utf-8")
    tmux = partial(subprocess.run, capture_output=True, text=True, check=True, encoding="utf-8")
    server = ["tmux", "-L", f"dedupe-{os.getpid()}-{no_color}", "-f", os.devnull]
    settings = f"PYTHONPATH={root} LC_ALL=C.UTF-8{' NO_COLOR=1' if no_color else ''}"
    command = f"env {settings} {sys.executable} {script}; echo end: $?; exec cat"
    tmux([*server, "new-session", "-d", "-s", "r", "-x", "80", "-y", "24", command])

    def screen(*options: str) -> str:
        return tmux([*server, "capture-pane", "-p", "-t", "r", *options]).stdout

    def wait_for(words: str) -> str:
        for _ in range(300):
            if words in (shown := screen()):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{words!r} did not appear:\n{screen()}")

    def press(key: str) -> None:
        tmux([*server, "send-keys", "-t", "r", key])

    try:
        first = wait_for("n/p next/previous")
        assert "[- layers-]" in first and "Finding 1 of 2" in first
        coloured = re.search(r"\x1b\[[\d;]*3[18][\d;]*m\[- layers", screen("-e"))
        assert (coloured is None) is no_color
        press("a")
        wait_for("accepted LAY001")
        press("r")
        wait_for("rejected REP001")
        press("N")
        wait_for("Article 3 of 5")
        press("n")
        assert "تصوير" in wait_for("CAP001")
        press("q")
        wait_for("end: 0")
    finally:
        tmux([*server, "kill-server"])
    assert [v.verdict for v in read("news.jsonl.decisions.jsonl").numbered] == ["accept", "reject"]
    assert Path("out.jsonl").read_text("utf-8").count(REPEAT) == 2
