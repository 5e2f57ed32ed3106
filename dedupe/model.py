"""The vocabulary: what flows through the program. Frozen data, no behaviour.

Positions are code points of `Article.text`, half open: ``text[span.start:span.end]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Literal, NamedTuple

Markup = Literal["plain", "markdown"]
Shape = Literal["lines", "wrapped", "one-line"]
RepeatForm = Literal["sentence", "near", "block", "pull-quote", "teaser", "title", "glued"]
BlockKind = Literal["text", "heading", "item", "quote", "code", "table"]


class Safety(IntEnum):
    """How sure a rule is that applying its finding costs no article text."""

    DISPLAY = 0
    """Shown to the reader, never applied."""
    DOUBTFUL = 1
    LIKELY = 2
    SAFE = 3


class Outcome(Enum):
    """What became of a finding. Every finding gets exactly one.

    >>> import dedupe
    >>> [decision.outcome.name for decision in dedupe.clean("Rain fell. layers\\nSun.", level="safe").plan.decisions]
    ['TOO_RISKY']
    """

    APPLIED = "applied"
    NO_FIX = "no-fix"
    TOO_RISKY = "too-risky"
    OVERLAPS = "overlaps"
    WITNESS_LOST = "witness-lost"
    OVER_BUDGET = "over-budget"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One scraped article. It is identified by (source, ordinal): ids in scraped data are missing or doubled.

    Only the text is needed. A `title` finds the headline that stands in the text again, `lang` (a code such as "de")
    saves guessing, `markup` is "markdown" where the text is; `extra` is carried along untouched.

    >>> import dedupe
    >>> article = dedupe.Article("Old bridge to close\\nIt closes in May.", title="Old bridge to close | The Courier")
    >>> dedupe.clean(article).text
    'It closes in May.'
    """

    text: str
    id: str | None = None
    title: str | None = None
    url: str | None = None
    site: str | None = None
    published: str | None = None
    lang: str | None = None
    markup: Markup = "plain"
    source: str = ""
    ordinal: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


class Block(NamedTuple):
    """A paragraph, heading, list item or line.

    `span` tiles the text (it holds the line break and blank lines that follow); `body` is what a reader reads, without
    surrounding white space and Markdown marker; `key` is `body` folded for comparison, never shown; `sentences` are the
    places of its sentences in `Document.sentences`.
    """

    span: Span
    body: Span
    key: str
    kind: BlockKind
    sentences: range


class Sentence(NamedTuple):
    """A sentence of a block. `span` tiles the text; `body` has no surrounding white space; `key` is for comparison.

    A photo credit or a stray token at the end of a line counts as a sentence of its own; `aside` marks it.
    """

    span: Span
    body: Span
    key: str
    block: int
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Credit:
    """A photo credit: a whole line, or the end of one. `span` is what would go, `block` its place in the document."""

    span: Span
    block: int
    safety: Safety
    whole_line: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """Text that stands a second time, and the copy that stays.

    `copy` are the places of the repeated sentences in `Document.sentences`, `witness` the span of the copy that stays
    (of the record's title when `form` is "title" and `in_title` is true); `score` says how alike they are (0 to 1);
    `differs` names what forbids to call them a repeat: "number", "name", "negation", "word", or nothing (""); `gaps`
    counts the places where the copies differ; `copies` how often it stands; `tail` is set where only the end of the
    one sentence of `copy` is a repeat, glued on without a full stop; `set_off` where all that the
    witness adds is a label or a site's name; `cut_short` where a block breaks off with an ellipsis.
    """

    form: RepeatForm
    copy: range
    witness: Span
    score: float = 1.0
    containment: float = 1.0
    differs: str = ""
    gaps: int = 0
    copies: int = 2
    tail: Span | None = None
    in_title: bool = False
    set_off: bool = False
    cut_short: bool = False


class Cue(NamedTuple):
    """A wording of layout in the tokens [start, end) of a line's key (see `dedupe.cues`).

    `family` is "share", "newsletter", …; `kind` is "line" (the whole line is such a wording), "weak" (the same, but
    the words are at home in articles too), "row" (the line is made of several such wordings), "start" (it begins so),
    "label" (it stands in front of a colon) or "inside".
    """

    family: str
    kind: str
    start: int
    end: int


class Neighbour(NamedTuple):
    """An article of the index that is like this one, verified by all their shingles.

    `jaccard` and `containment` are from 0 to 1; `inside` tells whether this article is the shorter one;
    `numbers_differ` whether one has a number that the other lacks; `span` is what they have in common, in this
    article; `shared` how many shingles that are. `length` is the other one's, in code points; `published` its date,
    or ""; `keeps` whether it stays, and is no duplicate of another itself.
    """

    article_id: str
    site: str
    published: str
    length: int
    jaccard: float
    containment: float
    inside: bool
    numbers_differ: bool
    shared: int
    span: Span
    keeps: bool


class LineScore(NamedTuple):
    """What the line scorer says of a line: how likely it is article text (0 to 1), how safe it is to cut (None where
    it stays at every level), and what spoke most against it, in words."""

    probability: float
    safety: Safety | None
    reasons: str


@dataclass(frozen=True, slots=True)
class Document:
    """A segmented article with what `annotate` knows about it. Rules read plain fields and nothing else.

    `lead` is the place of the first sentence of prose, or -1; `sub_headed` tells whether it has sub-headings. Of each
    block `cues` holds the wordings of layout and `line_scores` what the line scorer says (empty where no rule asks);
    `with_tokens` are the places of those whose first or last word may be a stray token. A text of shape "one-line" has
    lost its lines: each sentence is a block, and so is each run of labels beside one.
    `neighbours` are articles that an index has seen, the most alike first; without an index there are none.
    """

    article: Article
    lang: str
    shape: Shape
    blocks: tuple[Block, ...]
    sentences: tuple[Sentence, ...]
    lead: int = -1
    sub_headed: bool = False
    with_tokens: tuple[int, ...] = ()
    credits: tuple[Credit, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    cues: tuple[tuple[Cue, ...], ...] = ()
    line_scores: tuple[LineScore, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def in_lines(self) -> bool:
        """Has the text lines, so that it says something where a block is one sentence?"""
        return self.shape != "one-line"


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in the text: `before` stands at `span` and becomes `after`.

    A rule proposes; with `seam` the edit takes a separating space, or the line break of an emptied line, along (see
    `dedupe.edit`). In a plan, spans are final and `finding` is the place of its reason in the plan's decisions.
    """

    span: Span
    before: str
    after: str
    seam: bool = False
    finding: int = -1


@dataclass(frozen=True, slots=True)
class Witness:
    """The copy that survives, and how alike it is (0 to 1). `field` is "title" where the copy is the record's title."""

    article_id: str | None
    span: Span
    score: float
    field: Literal["text", "title"] = "text"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: where, why, how sure, what it would change and, for a repeat, the copy that stays.

    Among findings of equal safety a higher `priority` is decided first.

    >>> import dedupe
    >>> text = "The ferry to the island sailed again on Monday."
    >>> finding = dedupe.clean(f"{text}\\n{text}").plan.decisions[0].finding
    >>> finding.code, finding.span, finding.witness.span
    ('REP001', Span(start=48, end=95), Span(start=0, end=47))
    """

    code: str
    span: Span
    message: str
    safety: Safety
    edits: tuple[Edit, ...] = ()
    witness: Witness | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A finding, what became of it, and why.

    >>> import dedupe
    >>> for decision in dedupe.clean("Rain fell. layers\\nSun.", level="safe").plan.decisions:
    ...     print(decision.finding.code, decision.outcome.value, decision.reason)
    LAY001 too-risky likely; level safe applies what is safe
    """

    finding: Finding
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that happened to one article, enough to explain it and to take it back.

    `warning` says in a sentence that the article needs a person's eye, or is empty.

    >>> import dedupe
    >>> plan = dedupe.clean("Rain fell. layers\\nSun.").plan
    >>> [(edit.span, edit.before, edit.after) for edit in plan.edits]
    [(Span(start=10, end=17), ' layers', '')]
    """

    article_id: str | None
    source: str
    ordinal: int
    sha256_before: str
    sha256_after: str
    level: str
    version: str
    edits: tuple[Edit, ...]
    decisions: tuple[Decision, ...]
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that could not be read or cleaned: where it stands and why."""

    source: str
    line: int
    stage: str
    message: str
