"""The terminal screen of a review: shows what the session holds, and tells it which key was pressed."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea

from dedupe.model import Decision, Outcome
from dedupe.report.position import clip, locator
from dedupe.review.excerpt import Piece, before_and_after, right_to_left, visible
from dedupe.review.hand import lines_of, rejoined
from dedupe.review.session import Session, View

KEYS = "a accept  r reject  A accept rule here  E everywhere  u undo  e edit text\n"
KEYS += "n/p next/previous  o next open  N next article  / search  ? help  q quit"
HELP = """\
One finding at a time: above as the text stands, below as it would be.
[-cut-]  {+put in+}  >>only reported<<
⏎ is a line break that goes, \\u200b a character that one does not see.

a      accept: apply it, whatever the level says
r      reject: leave the text as it is
A      accept all open findings of this rule in this article
E      the same everywhere, in all articles
u      undo what was done last, and go there
n p    next and previous finding
o      next open finding: one of which nothing was said yet
N      next article
e      edit the cleaned text (ctrl+s keeps it, escape does not)
x      take back what was edited by hand in this article
/      search in rules, findings, ids and titles (nothing: the last words)
↑ ↓ page up, page down    move the texts
q      quit, and write the output if one was asked for
ctrl+c quit, and write none; decisions are saved with each key
"""
_STYLES = (
    {"keep": "", "cut": "bold", "put": "bold underline", "found": "bold"}
    if os.environ.get("NO_COLOR")
    else {"keep": "", "cut": "bold red strike", "put": "bold green underline", "found": "bold yellow"}
)
_STEERING = {"Cc", "Cs"}
_PAINT = 0.05
"""Seconds in which a message is drawn before work begins."""


class Help(Screen[None]):
    """What the keys do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, "app.pop_screen", show=False) for key in ("escape", "question_mark", "q", "enter")
    ]

    def compose(self) -> ComposeResult:
        """The page."""
        with VerticalScroll():
            yield Static(Text(HELP))
            yield Static(Text("escape: back", "reverse"))


class Search(Screen[str | None]):
    """Asks for words."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def compose(self) -> ComposeResult:
        """The question."""
        yield Static(Text("Search in rules, findings, ids and titles (enter: go there, escape: back)"))
        yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter was pressed."""
        self.dismiss(event.value)


class ByHand(Screen[str | None]):
    """Edits the lines of a text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("ctrl+s", "keep", show=False),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The lines."""
        yield Static(Text("The cleaned text. ctrl+s: keep it   escape: back, nothing kept", "reverse"))
        yield TextArea("\n".join(lines_of(self._text)), soft_wrap=True)

    def action_keep(self) -> None:
        """Take the lines, with the line breaks that the text has."""
        self.dismiss(rejoined(self._text, lines_of(self.query_one(TextArea).text)))


class Review(App[bool]):
    """The review; it returns True when it was ended with `q`.

    `save` is called after every change; where that fails the review ends, and `failure` says why.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: transparent; }
    #article, #finding { height: 1; text-style: bold; }
    #reason { height: auto; max-height: 5; }
    .label { height: 1; text-style: reverse; }
    VerticalScroll { height: 1fr; scrollbar-size: 1 1; }
    #message { height: 1; text-style: bold; }
    #keys { height: 2; }
    TextArea { height: 1fr; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "judge('accept')", show=False),
        Binding("r", "judge('reject')", show=False),
        Binding("A", "rule(False)", show=False),
        Binding("E", "rule(True)", show=False),
        Binding("u", "undo", show=False),
        Binding("n", "go('next', 'no finding after this one')", show=False),
        Binding("p", "go('previous', 'no finding before this one')", show=False),
        Binding("o", "go('next_open', 'no open finding after this one')", show=False),
        Binding("N", "go('next_article', 'this is the last article')", show=False),
        Binding("e", "edit", show=False),
        Binding("x", "release", show=False),
        Binding("slash", "search", show=False),
        Binding("question_mark", "help", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-8)", show=False),
        Binding("pagedown", "move(8)", show=False),
        Binding("q", "end(True)", show=False),
        Binding("ctrl+c,ctrl+q", "end(False)", show=False, priority=True),
    ]

    def __init__(self, session: Session, save: Callable[[], object]) -> None:
        super().__init__()
        self.session = session
        self._save = save
        self.failure: OSError | None = None
        self._words = ""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        for name in ("article", "finding", "reason"):
            yield Static(id=name, markup=False)
        for name in ("before", "after"):
            yield Static(name, id=f"{name}-label", classes="label", markup=False)
            with VerticalScroll(id=f"{name}-box", can_focus=False):
                yield Static(id=name, markup=False)
        yield Static(id="message", markup=False)
        yield Static(Text(KEYS), id="keys")

    def on_mount(self) -> None:
        """Show where the session stands."""
        self._show("")

    def action_judge(self, word: str) -> None:
        """Accept or reject."""
        session = self.session
        view = session.view()
        if not session.judge("accept" if word == "accept" else "reject"):
            self._show("only reported: no edit is known to be right (e edits by hand)" if view else _NOTHING)
            return
        code = view.decision.finding.code if view else ""
        self._changed(f"{word}ed {code}")

    async def action_rule(self, everywhere: bool) -> None:
        """Accept the rule's open findings; to look everywhere takes some milliseconds an article."""
        if everywhere:
            self._show(f"looking through {len(self.session.articles):,} articles …")
            await asyncio.sleep(_PAINT)
        view = self.session.view()
        count = self.session.accept_rule(everywhere)
        rule = f"of {view.decision.finding.code} " if view else ""
        where = "in all articles" if everywhere else "in this article"
        self._changed(f"accepted {count:,} {rule}{where}" if count else f"no open finding of this rule {where}")

    def action_undo(self) -> None:
        """Undo."""
        self._changed("taken back" if self.session.undo() else "nothing to undo: nothing was done in this session")

    def action_go(self, way: str, otherwise: str) -> None:
        """Go somewhere."""
        ways = {name: getattr(self.session, name) for name in ("next", "previous", "next_open", "next_article")}
        self._show("" if ways[way]() else otherwise)

    def action_edit(self) -> None:
        """Edit by hand."""
        text = self.session.result(self.session.place.article).text
        if any(unicodedata.category(c) in _STEERING and c not in "\n\r\t" for c in text):
            self._show("this text has control characters, which cannot be edited here")
            return

        def done(edited: str | None) -> None:
            if edited is None or not self.session.edit(edited):
                self._show("nothing was edited")
            else:
                self._changed("edited by hand (x takes it back)")

        self.push_screen(ByHand(text), done)

    def action_release(self) -> None:
        """Take back what was edited by hand."""
        self._changed("taken back" if self.session.release() else "this article was not edited by hand")

    def action_search(self) -> None:
        """Search."""

        def done(words: str | None) -> None:
            if words is not None:
                self._words = words or self._words
                self._show("" if self.session.search(self._words) else f"nothing found: {visible(self._words)}")

        self.push_screen(Search(), done)

    def action_help(self) -> None:
        """Show what the keys do."""
        self.push_screen(Help())

    def action_move(self, lines: int) -> None:
        """Scroll both texts."""
        for box in self.query(VerticalScroll):
            box.scroll_relative(y=lines, animate=False)

    def action_end(self, finished: bool) -> None:
        """End."""
        self.exit(finished)

    def _changed(self, message: str) -> None:
        try:
            self._save()
        except OSError as error:
            self.failure = error
            self.exit(False)
        self._show(message)

    def _show(self, message: str) -> None:
        session = self.session
        number, finding = session.place
        article, view = session.articles[number], session.view()
        name = " · ".join(part for part in (article.id, article.title) if part)
        self._put("article", Text(visible(clip(f"Article {number + 1} of {len(session.articles)} {name}", 78))))
        if view is None or finding is None:
            by_hand = session.hand_text(number) is not None
            self._put("finding", Text("edited by hand" if by_hand else "no finding"))
            self._put("reason", Text("x takes the edit back, e edits again" if by_hand else ""))
            self._texts([Piece(article.text, "keep")], [Piece(session.result(number).text, "keep")])
        else:
            shown = session.shown(number)
            place = f"{shown.index(finding) + 1} of {len(shown)}" if finding in shown else f"of {len(shown)}"
            self._put("finding", Text(f"Finding {place}  {self._headline(view)}"))
            self._put("reason", Text(_reason(view, article.text)))
            self._texts(*before_and_after(article.text, view.decision.finding))
        self._put("message", Text(message))
        for box in self.query(VerticalScroll):
            box.scroll_home(animate=False)

    def _headline(self, view: View) -> str:
        finding = view.decision.finding
        said = f"{view.word}ed" if view.word else "open" if finding.edits else "only reported"
        return f"{finding.code} {self.session.names.get(finding.code, '')}  {finding.safety.name.lower()}  [{said}]"

    def _texts(self, before: list[Piece], after: list[Piece]) -> None:
        leftwards = right_to_left("".join(piece.text for piece in before))
        for name, pieces in (("before", before), ("after", after or [Piece("nothing would change", "keep")])):
            self._put(name, _text(pieces))
            self.screen_stack[0].query_one(f"#{name}", Static).styles.text_align = "right" if leftwards else "left"

    def _put(self, name: str, text: Text) -> None:
        self.screen_stack[0].query_one(f"#{name}", Static).update(text)


_NOTHING = "no finding here: N goes to the next article, e edits this one by hand"


def _text(pieces: list[Piece]) -> Text:
    return Text.assemble(*((piece.marked, _STYLES[piece.kind]) for piece in pieces))


def _reason(view: View, text: str) -> str:
    finding = view.decision.finding
    witness = finding.witness
    parts = [finding.message]
    if witness:
        place = "the title" if witness.field == "title" else f"line {locator(text)(witness.span.start)[0]}"
        parts[0] += f" (the other copy: {place})"
    parts.append(f"the level: {_outcome(view.by_level)}")
    if view.decision.outcome is not view.by_level.outcome:
        parts.append(f"now: {_outcome(view.decision)}")
    return "\n".join(visible(part) for part in parts)


def _outcome(decision: Decision) -> str:
    if decision.outcome is Outcome.APPLIED:
        return "applies it"
    return f"holds it back ({decision.outcome.value}: {decision.reason})"
