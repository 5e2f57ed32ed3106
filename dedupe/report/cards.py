"""What the HTML page shows of one article: a card for each finding, and the text in pieces that know their cards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from dedupe.model import Article, Decision, Edit, Finding, Outcome, Safety, Span
from dedupe.pipeline import Result
from dedupe.report.position import clip
from dedupe.report.summary import swallowed

OUTCOMES = {
    "applied": "applied",
    "suggestion": "only suggested",
    "held": "held back",
    "kept": "to stay, by decision",
    "reported": "only reported",
}
"""The plan's outcomes as a reader needs them: several of those come to the same here."""

Name = TypeVar("Name", int, str)

_CLIP = 120
_CHANGES = 3


class Change(NamedTuple):
    """An edit in one line: what goes and what comes."""

    before: str
    after: str


class Card(NamedTuple):
    """A finding as it stands beside the text. Cards are numbered from 1 in the order of the text.

    `marks` are the stretches of text that it marks (none where it is about the whole article), `changes` what it did or
    would do, `more` how many further changes are not shown; `witness` is where its other copy stands: "title", the
    start and end of a copy in this text, or "other ID". `inside` tells that it lies in what another finding cut.
    """

    number: int
    finding: Finding
    name: str
    outcome: str
    reason: str
    marks: tuple[Span, ...]
    changes: tuple[Change, ...]
    more: int
    witness: str
    verdict: str
    inside: bool

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.finding.code

    @property
    def family(self) -> str:
        """The first letters of the code: REP, CAP, LAY, TXT, TPL, DUP."""
        return self.code.rstrip("0123456789")

    @property
    def safety(self) -> str:
        """How sure the rule is, in a word."""
        return "" if self.finding.safety is Safety.DISPLAY else self.finding.safety.name.lower()

    @property
    def label(self) -> str:
        """The card in one line, for a hover and for a screen reader."""
        sure = f" ({self.safety})" if self.safety else ""
        return (
            f"{self.number}: {self.code} {self.name}, {OUTCOMES[self.outcome]}{sure}: {clip(self.finding.message, 300)}"
        )


class Piece(NamedTuple):
    """A stretch of text between two boundaries of edits, findings and witnesses, and what stands right before it.

    `cut` is the card that takes the text out; `cards` are all that it belongs to; `witnesses` the copies it is part
    of. Before it stand the `inserted` texts, each with its card, the `ends` of the cards above, and then the `starts`
    of cards and the `anchors` of copies.
    """

    text: str
    cut: Card | None
    cards: tuple[Card, ...]
    witnesses: tuple[str, ...]
    inserted: tuple[tuple[str, Card], ...]
    ends: tuple[Card, ...]
    starts: tuple[Card, ...]
    anchors: tuple[str, ...]

    @property
    def shown(self) -> Card:
        """The card that gives it its look where nothing is cut: one that was not applied, if there is one."""
        return next((card for card in self.cards if card.outcome != "applied"), self.cards[0])


def cards_of(result: Result, named: Mapping[str, str]) -> dict[int, Card]:
    """A card for each finding by the finding's place in the plan, in the order of the text; `named` are the rules."""
    decisions, inside = result.plan.decisions, swallowed(result)
    applied: defaultdict[int, list[Edit]] = defaultdict(list)
    for edit in result.plan.edits:
        applied[edit.finding].append(edit)
    order = sorted(range(len(decisions)), key=lambda i: (decisions[i].finding.span, decisions[i].finding.code, i))
    cards = {}
    for number, place in enumerate(order, 1):
        decision = decisions[place]
        finding = decision.finding
        edits = applied[place] if decision.outcome is Outcome.APPLIED else finding.edits
        whole = not finding.edits and finding.span == (0, len(result.article.text))
        cards[place] = Card(
            number,
            finding,
            named.get(finding.code, ""),
            _outcome(decision),
            "" if decision.reason == finding.message else decision.reason,
            () if whole else _merged([finding.span, *(edit.span for edit in edits)]),
            tuple(Change(_line(edit.before), _line(edit.after)) for edit in edits[:_CHANGES]),
            max(0, len(edits) - _CHANGES),
            _witness(finding, result.article),
            _verdict(decision),
            place in inside,
        )
    return cards


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The stretches that the spans cover together."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _outcome(decision: Decision) -> str:
    if decision.outcome is Outcome.APPLIED:
        return "applied"
    if decision.outcome in {Outcome.SUPPRESSED, Outcome.REJECTED}:
        return "kept"
    if decision.outcome is Outcome.NO_FIX or decision.finding.safety is Safety.DISPLAY:
        return "reported"
    return "suggestion" if decision.outcome is Outcome.TOO_RISKY else "held"


def _verdict(decision: Decision) -> str:
    """What a person has said of it before: a page keeps it among its decisions."""
    if decision.outcome is Outcome.REJECTED:
        return "reject"
    return "accept" if decision.reason == "accepted by a person" else ""


def _line(text: str) -> str:
    """The words of a change in one line; where there are only spaces, they are made visible."""
    return clip(text.strip() or text.replace(" ", "␣"), _CLIP)


def _witness(finding: Finding, article: Article) -> str:
    witness = finding.witness
    if witness is None:
        return ""
    if witness.article_id != article.id:
        return f"other {witness.article_id}"
    return "title" if witness.field == "title" else f"{witness.span.start}-{witness.span.end}"


def pieces_of(result: Result, cards: Mapping[int, Card]) -> list[Piece]:
    """The whole text before cleaning, split at every boundary; the last piece is empty and ends it."""
    text, edits = result.article.text, result.plan.edits
    marks = [(span, place) for place, card in cards.items() for span in card.marks]
    cuts = [(edit.span, edit.finding) for edit in edits if edit.before]
    copies = {
        (finding.witness.span, card.witness)
        for card in cards.values()
        if (finding := card.finding).witness and card.witness[:1].isdigit()
    }
    inserted, starts, ends = defaultdict(list), defaultdict(list), defaultdict(list)
    for edit in edits:
        if edit.after:
            inserted[edit.span.end].append((edit.after, cards[edit.finding]))
    for card in cards.values():
        if card.marks:
            starts[card.marks[0].start].append(card)
            ends[card.finding.span.end].append(card)
    anchors = defaultdict(list)
    for span, name in sorted(copies):
        anchors[span.start].append(name)
    spans = [Span(0, len(text)), *(span for span, _ in (*marks, *copies)), *(edit.span for edit in edits)]
    bounds = sorted({place for span in spans for place in span} | ends.keys())
    marking, cutting = _covering(marks, bounds), _covering(cuts, bounds)
    copying = _covering(sorted(copies), bounds)
    return [
        Piece(
            text[at:end],
            next((cards[place] for place in cutting[i]), None),
            tuple(cards[place] for place in marking[i]),
            tuple(copying[i]),
            tuple(inserted[at]),
            tuple(ends[at]),
            tuple(starts[at]),
            tuple(anchors[at]),
        )
        for i, (at, end) in enumerate(zip(bounds, (*bounds[1:], len(text)), strict=True))
    ]


def _covering(given: Iterable[tuple[Span, Name]], bounds: Sequence[int]) -> list[list[Name]]:
    """For each stretch between two bounds the names of the spans over it, in the order they begin."""
    begin: defaultdict[int, Counter[Name]] = defaultdict(Counter)
    end: defaultdict[int, Counter[Name]] = defaultdict(Counter)
    for span, name in given:
        begin[span.start][name] += 1
        end[span.end][name] += 1
    now: Counter[Name] = Counter()
    stretches = []
    for bound in bounds:
        now += begin[bound]
        now -= end[bound]
        stretches.append(list(now))
    return stretches
