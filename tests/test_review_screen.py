"""The screen of `dedupe review`: what stands on it, and what each key does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from session import clean, session

from dedupe.model import Article, Decision, Edit, Finding, Outcome, Safety, Span
from dedupe.pipeline import Cleaner, run
from dedupe.review.session import Session


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
