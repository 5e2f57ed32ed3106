"""The whole program in one line of calls: segment -> annotate -> detect -> resolve -> edit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from dedupe._version import __version__
from dedupe.annotate import annotate
from dedupe.decisions import Verdict, Verdicts, fit
from dedupe.detect import detect
from dedupe.edit import apply, edits_of, sha256, undo
from dedupe.errors import ConfigError, InputError, nearest
from dedupe.model import Article, Decision, Neighbour, Outcome, Plan
from dedupe.policy import Policy
from dedupe.resolve import resolve
from dedupe.rule import Rule, all_rules, options_for, selected
from dedupe.segment import segment

if TYPE_CHECKING:
    from dedupe.corpus.index import Index
    from dedupe.lines.model import LineModel

_LOOKED_UP = 250

Rules = tuple[tuple[Rule, Any], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A cleaned article: the text, and the plan that says what was found and done.

    >>> import dedupe
    >>> result = dedupe.clean("The bridge is open again. layers\\nTraffic flows.")
    >>> result.text
    'The bridge is open again.\\nTraffic flows.'
    >>> result.undo() == result.article.text
    True
    """

    article: Article
    text: str
    plan: Plan
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def changed(self) -> bool:
        """Does the text differ from the article's?"""
        return bool(self.plan.edits)

    def diff(self, context: int = 1) -> str:
        """A unified diff of the lines, before against after; empty when nothing changed."""
        name = self.article.id or self.article.source or "article"
        lines = difflib.unified_diff(
            self.article.text.splitlines(),
            self.text.splitlines(),
            f"{name} (scraped)",
            f"{name} (cleaned)",
            n=context,
            lineterm="",
        )
        return "".join(f"{line}\n" for line in lines)

    def undo(self) -> str:
        """The text before cleaning, rebuilt from the cleaned text and the plan."""
        return undo(self.text, self.plan)


def rules_for(policy: Policy) -> Rules:
    """The rules that a policy selects, each with its options."""
    codes = {r.code: r for r in all_rules()}
    for code in policy.options:
        if code not in codes:
            raise ConfigError(
                f"options for an unknown rule {code!r}{nearest(code, codes) or '; `dedupe rules` lists all'}"
            )
    return tuple((r, options_for(r, policy.options.get(r.code, {}))) for r in selected(policy.select, policy.ignore))


def run(
    article: Article,
    rules: Rules,
    policy: Policy,
    model: LineModel | None,
    neighbours: tuple[Neighbour, ...] = (),
    verdicts: tuple[Verdict, ...] = (),
) -> Result:
    """Clean one article.

    The model is what the rules ask about lines, the neighbours what an index has seen, the verdicts what a person
    decided.
    """
    document = annotate(segment(article), model, neighbours)
    findings = detect(document, rules)
    said = {number: verdict.verdict for number, verdict in fit(verdicts, article, findings)}
    accepted, rejected = ({n for n, word in said.items() if word == wanted} for wanted in ("accept", "reject"))
    decisions = resolve(document, findings, policy, accepted, rejected)
    edits = edits_of(article.text, decisions)
    text = apply(article.text, edits)
    plan = Plan(
        article.id,
        article.source,
        article.ordinal,
        sha256(article.text),
        sha256(text),
        policy.level.value,
        __version__,
        edits,
        decisions,
        _warning(decisions),
    )
    return Result(article, text, plan, neighbours)


def _line_model(rules: Rules) -> LineModel | None:
    """The model that the rules ask about lines; none where no rule does."""
    for rule, options in rules:
        if rule.scored:
            from dedupe.lines.model import load

            return load(options.model)
    return None


def _warning(decisions: tuple[Decision, ...]) -> str:
    refused = sum(d.outcome is Outcome.OVER_BUDGET for d in decisions)
    if not refused:
        return ""
    findings = "1 finding was" if refused == 1 else f"{refused} findings were"
    return f"{findings} held back, too much of the text would go: is it mostly boilerplate, or the budget low?"


class Cleaner:
    """A policy made ready: rules are chosen and checked, and the line model loaded, once; then articles stream through.

    With an `index` each article is compared with what that has seen; `decisions` are a person's on findings.

    >>> cleaner = Cleaner(ignore="TXT")
    >>> [result.text for result in cleaner.clean_stream(["Snow fell. layers", "Rain came."])]
    ['Snow fell.', 'Rain came.']
    """

    def __init__(
        self,
        policy: Policy | None = None,
        index: Index | None = None,
        decisions: Verdicts | None = None,
        **settings: Any,
    ) -> None:
        if policy is not None and settings:
            raise ConfigError("give a Policy or its settings by name, not both")
        known = Policy.__dataclass_fields__
        for name in settings:
            if name not in known:
                raise ConfigError(f"unknown setting {name!r}{nearest(name, known)}; known: {', '.join(known)}")
        self.policy = policy or Policy(**settings)
        self.rules = rules_for(self.policy)
        self.model = _line_model(self.rules)
        self.index = index
        self.decisions = decisions or Verdicts(())

    def clean(self, article: str | Article, neighbours: tuple[Neighbour, ...] | None = None) -> Result:
        """Clean one text or article. Its neighbours are looked up in the index unless they are given."""
        article = _article(article)
        if neighbours is None:
            neighbours = self.neighbours([article])[0]
        return run(article, self.rules, self.policy, self.model, neighbours, self.decisions.of(article))

    def clean_stream(self, articles: Iterable[str | Article]) -> Iterator[Result]:
        """Clean articles one by one, in order; nothing is remembered from one to the next.

        With an index they are looked up some hundred at a time; it is only read.
        """
        rest = map(_article, articles)
        while batch := list(islice(rest, self.batch)):
            yield from map(self.clean, batch, self.neighbours(batch))

    @property
    def batch(self) -> int:
        """How many articles are best looked up at a time."""
        return _LOOKED_UP if self.index else 1

    def neighbours(self, articles: Sequence[Article]) -> list[tuple[Neighbour, ...]]:
        """What the index has seen that is like these articles; nothing without an index."""
        return self.index.neighbours(articles) if self.index else [()] * len(articles)


def _article(article: str | Article) -> Article:
    if isinstance(article, str):
        article = Article(article)
    if not isinstance(article, Article) or not isinstance(article.text, str):
        kind = type(article if not isinstance(article, Article) else article.text).__name__
        raise InputError(
            f"a text or dedupe.Article(text, title=...) is cleaned, not {kind}; "
            "for an item: dedupe.Article(item['text']), and leave out items without text"
        )
    return article


def clean(article: str | Article, **settings: Any) -> Result:
    """Clean one text or `Article`; the settings are those of `Policy`, by name.

    Raises ConfigError for an unknown setting, level or rule.

    >>> clean("The cake has three layers.").changed
    False
    """
    return Cleaner(**settings).clean(article)
