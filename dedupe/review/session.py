"""The state of a review, without any terminal: where one stands, what was said, what was edited by hand, and undo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from dedupe.decisions import Verdict, Verdicts, Word, fit, verdict_on
from dedupe.edit import sha256
from dedupe.model import Article, Decision
from dedupe.pipeline import Result
from dedupe.report.plan import names
from dedupe.report.summary import swallowed
from dedupe.review.hand import edited

Clean = Callable[[Article, tuple[Verdict, ...]], Result]
Wanted = Mapping[int, Collection[tuple[str, int, int]]]
"""For each article's place the findings to look at: code, start, end."""

_CLEANED = 256


class Place(NamedTuple):
    """Where one stands: an article, and one of its findings (a place in its plan's decisions) if it has any."""

    article: int
    finding: int | None


class View(NamedTuple):
    """The finding one looks at: what became of it, what the level alone makes of it, and what a person said."""

    decision: Decision
    by_level: Decision
    word: Word | None


class _Before(NamedTuple):
    """How things stood before an action."""

    place: Place
    verdicts: int
    hand: int


class Session:
    """A walk through the findings of articles, in which a person decides on them.

    `clean` cleans an article with the verdicts on it. `verdicts` and `hand` are logs that grow, and that undo shortens:
    every verdict, and for each edit by hand the article's place and its text (None where it was taken back).

    A finding is *open* while it could be applied and nothing was said of it.
    """

    def __init__(
        self,
        articles: Sequence[Article],
        clean: Clean,
        verdicts: Iterable[Verdict] = (),
        hand: Iterable[tuple[int, str | None]] = (),
        wanted: Wanted | None = None,
    ) -> None:
        self.articles = articles
        self.verdicts = list(verdicts)
        self.hand = list(hand)
        self._wanted = wanted
        self._cleaned = lru_cache(_CLEANED)(lambda number, said: clean(articles[number], said))
        self._known = Verdicts(self.verdicts)
        self._past: list[_Before] = []
        self.names = names()
        start = self._last_article()
        self.place = Place(start, None)
        if not self.next_open():
            self.place = self._first(start)

    # --- what there is

    def result(self, number: int) -> Result:
        """The cleaned article, with the verdicts and what was edited by hand."""
        result = self._by_verdicts(number)
        text = self.hand_text(number)
        return result if text is None else edited(result, text)

    def hand_text(self, number: int) -> str | None:
        """What a person made of an article by hand; None where nobody did."""
        return next((text for place, text in reversed(self.hand) if place == number), None)

    def view(self) -> View | None:
        """The finding one stands at."""
        number, finding = self.place
        if finding is None:
            return None
        decisions, by_level = self._by_verdicts(number).plan.decisions, self._cleaned(number, ()).plan.decisions
        return View(decisions[finding], by_level[finding], self._said(number).get(finding))

    def shown(self, number: int) -> list[int]:
        """The findings of an article to look at, in the order of the text; none where it was edited by hand.

        Left out is what lies inside what another finding cuts, unless something was said of it.
        """
        if self.hand_text(number) is not None:
            return []
        result = self._by_verdicts(number)
        hidden = swallowed(result) - self._said(number).keys()
        wanted = None if self._wanted is None else self._wanted.get(number, ())
        findings = [decision.finding for decision in result.plan.decisions]
        found = [
            n for n, f in enumerate(findings) if n not in hidden and (wanted is None or (f.code, *f.span) in wanted)
        ]
        return sorted(found, key=lambda n: (findings[n].span, n))

    # --- where one goes

    def next_open(self) -> bool:
        """Go to the next open finding; False, and no move, when there is none further on."""
        return self._go(place for place in self._after() if place.finding in self._open(place.article))

    def next(self) -> bool:
        """Go to the next finding."""
        return self._go(self._after())

    def previous(self) -> bool:
        """Go to the finding before."""
        number, finding = self.place
        here = self.shown(number)
        before = here[: here.index(finding)] if finding in here else []
        return self._go(
            Place(other, found)
            for other in range(number, -1, -1)
            for found in reversed(before if other == number else self.shown(other))
        )

    def next_article(self) -> bool:
        """Go to the next article, to its first finding if it has any."""
        number = self.place.article + 1
        return self._go([self._first(number)] if number < len(self.articles) else [])

    def search(self, words: str) -> bool:
        """Go to the next finding, from the top again after the last, with the words in it, its rule, id or title."""
        wanted = words.casefold()
        number, finding = self.place
        ahead = list(self._after(within=True))
        others = (Place(n, f) for n in (*range(number + 1, len(self.articles)), *range(number)) for f in self.shown(n))
        here = [Place(number, f) for f in self.shown(number) if f != finding and Place(number, f) not in ahead]
        return self._go(
            place for places in (ahead, others, here) for place in places if wanted in self._names_of(place).casefold()
        )

    # --- what one does

    def judge(self, word: Word) -> bool:
        """Say it of the finding one stands at, and go to the next open one; False where there is nothing to say it of.

        A finding that could never be applied can only be rejected.
        """
        view = self.view()
        if view is None or (word == "accept" and not view.decision.finding.edits):
            return False
        self._remember()
        self._say([verdict_on(self.articles[self.place.article], view.decision.finding, word)])
        return True

    def accept_rule(self, everywhere: bool = False) -> int:
        """Accept the open findings of this finding's rule, in this article or in all; how many those were."""
        view = self.view()
        if view is None:
            return 0
        code = view.decision.finding.code
        accepted = []
        for number in range(len(self.articles)) if everywhere else [self.place.article]:
            decisions = self._by_verdicts(number).plan.decisions
            findings = (decisions[n].finding for n in self._open(number))
            accepted += [verdict_on(self.articles[number], f, "accept") for f in findings if f.code == code]
        if accepted:
            self._remember()
            self._say(accepted)
        return len(accepted)

    def edit(self, text: str) -> bool:
        """Make this the text of the article one stands in; False where it is that already."""
        number = self.place.article
        if text == self.result(number).text:
            return False
        self._remember()
        self.hand.append((number, text))
        self.place = Place(number, None)
        return True

    def release(self) -> bool:
        """Take back what was edited by hand in this article, also in an earlier session; False where nothing was."""
        number = self.place.article
        if self.hand_text(number) is None:
            return False
        self._remember()
        self.hand.append((number, None))
        self.place = self._first(number)
        return True

    def undo(self) -> bool:
        """Take back the last thing done in this session, and go where it was done; False when there is none."""
        if not self._past:
            return False
        self.place, verdicts, hand = self._past.pop()
        del self.verdicts[verdicts:], self.hand[hand:]
        self._known = Verdicts(self.verdicts)
        return True

    # --- inside

    def _by_verdicts(self, number: int) -> Result:
        return self._cleaned(number, self._of(number))

    def _of(self, number: int) -> tuple[Verdict, ...]:
        return self._known.of(self.articles[number])

    def _say(self, verdicts: list[Verdict]) -> None:
        self.verdicts += verdicts
        self._known = Verdicts(self.verdicts)
        self.next_open()

    def _said(self, number: int) -> dict[int, Word]:
        verdicts = self._of(number)
        if not verdicts:
            return {}
        findings = [decision.finding for decision in self._cleaned(number, verdicts).plan.decisions]
        return {place: verdict.verdict for place, verdict in fit(verdicts, self.articles[number], findings)}

    def _open(self, number: int) -> list[int]:
        decisions, said = self._by_verdicts(number).plan.decisions, self._said(number)
        return [n for n in self.shown(number) if decisions[n].finding.edits and n not in said]

    def _after(self, within: bool = False) -> Iterator[Place]:
        """The places further on, lazily; `within` this article only."""
        number, finding = self.place
        here = self.shown(number)
        if finding in here:
            rest = here[here.index(finding) + 1 :]
        elif finding is None:
            rest = here
        else:
            span = self._span(number, finding)
            rest = [n for n in here if (self._span(number, n), n) > (span, finding)]
        yield from (Place(number, n) for n in rest)
        if not within:
            yield from (Place(n, f) for n in range(number + 1, len(self.articles)) for f in self.shown(n))

    def _span(self, number: int, finding: int) -> tuple[int, int]:
        return self._by_verdicts(number).plan.decisions[finding].finding.span

    def _go(self, places: Iterable[Place]) -> bool:
        place = next(iter(places), None)
        self.place = place or self.place
        return place is not None

    def _first(self, number: int) -> Place:
        return Place(number, next(iter(self.shown(number)), None))

    def _remember(self) -> None:
        self._past.append(_Before(self.place, len(self.verdicts), len(self.hand)))

    def _last_article(self) -> int:
        """The article of the last verdict that was read, where the review goes on."""
        if not self.verdicts:
            return 0
        last = self.verdicts[-1]
        alike = [n for n, article in enumerate(self.articles) if sha256(article.text) == last.sha256_before]
        return next((n for n in alike if self.articles[n].id == last.article), alike[0] if alike else 0)

    def _names_of(self, place: Place) -> str:
        article = self.articles[place.article]
        finding = self._by_verdicts(place.article).plan.decisions[place.finding or 0].finding
        rule = f"{finding.code} {self.names.get(finding.code, '')}"
        return "\n".join((rule, article.text[slice(*finding.span)], article.id or "", article.title or ""))
