"""What a person decided: verdicts on findings, kept as lines of JSON beside the articles.

    {"article", "sha256_before", "code", "start", "end", "text", "verdict": "accept" | "reject"}

`text` is the finding's text in the article before cleaning, `start` and `end` its code points there. The page of
`--report FILE.html` and the review screen write these lines; `clean --decisions FILE` follows them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from dedupe.edit import sha256
from dedupe.errors import InputError
from dedupe.model import Article, Finding

Word = Literal["accept", "reject"]


class Verdict(NamedTuple):
    """A person's word on one finding. `article` is the article's id, or None where it has none."""

    article: str | None
    sha256_before: str
    code: str
    start: int
    end: int
    text: str
    verdict: Word


class Verdicts:
    """Verdicts on many articles. Of several on one finding the last counts; their order means nothing else.

    `numbered` gives for each verdict its number, counted from 1 in the order given unless it is said; `name` is the
    file they come from.

    >>> import dedupe
    >>> article = dedupe.Article("Rain fell. layers\\nThe sun shone.", id="7")
    >>> keep = verdict_on(article, dedupe.clean(article).plan.decisions[0].finding, "reject")
    >>> dedupe.clean(article, decisions=Verdicts([keep])).changed
    False
    """

    def __init__(
        self, verdicts: Iterable[Verdict], name: str = "the decisions", numbers: Iterable[int] | None = None
    ) -> None:
        self.name = name
        last: dict[tuple[str | None, str, str, int, int], tuple[Verdict, int]] = {}
        given = tuple(verdicts)
        for verdict, number in zip(given, numbers or range(1, len(given) + 1), strict=True):
            last.pop(verdict[:5], None)
            last[verdict[:5]] = verdict, number
        self.numbered = dict(last.values())
        self._by_article: dict[str, list[Verdict]] = defaultdict(list)
        self._by_text: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in self.numbered:
            if verdict.article is not None:
                self._by_article[verdict.article].append(verdict)
            self._by_text[verdict.sha256_before].append(verdict)

    def of(self, article: Article) -> tuple[Verdict, ...]:
        """The verdicts on an article: those of its id, and those of its very text where one of the two has no id."""
        if not self.numbered:
            return ()
        own = self._by_article.get(article.id, []) if article.id is not None else []
        alike = self._by_text.get(sha256(article.text), [])
        return (*own, *(v for v in alike if v.article is None or article.id is None))

    def left(self, fitted: Collection[Verdict]) -> Iterator[str]:
        """What to say of the verdicts that are not among the fitted ones."""
        for verdict, number in self.numbered.items():
            if verdict not in fitted:
                place = f" in article {verdict.article}" if verdict.article is not None else ""
                yield (
                    f"decision {number} of {self.name} fits no finding: {verdict.verdict} {verdict.code}"
                    f"{place}: “{verdict.text}”"
                )


def verdict_on(article: Article, finding: Finding, word: Word) -> Verdict:
    """The verdict on a finding in an article."""
    start, end = finding.span
    return Verdict(article.id, sha256(article.text), finding.code, start, end, article.text[start:end], word)


def fit(verdicts: Sequence[Verdict], article: Article, findings: Sequence[Finding]) -> tuple[tuple[int, Verdict], ...]:
    """Which finding each verdict on an article is about: pairs of a finding's place and a verdict, the last counts.

    Code, place and text must be the same. Verdicts that find none so (the text was edited, a rule looks elsewhere now)
    are taken, in the order of the text, for the places left with their code and text when both are as many; else they
    fit nothing.
    """
    if not verdicts:
        return ()
    exact: dict[tuple[str, int, int, str], list[int]] = defaultdict(list)
    text = article.text
    for number, finding in enumerate(findings):
        start, end = finding.span
        exact[finding.code, start, end, text[start:end]].append(number)
    pairs: list[tuple[int, Verdict]] = []
    stale: dict[tuple[str, str, str], list[Verdict]] = {}
    for verdict in verdicts:
        found = exact.get(verdict[2:6], [])
        pairs += [(number, verdict) for number in found]
        if not found:
            group = verdict.sha256_before, verdict.code, verdict.text
            stale[group] = [*stale.pop(group, []), verdict]
    if stale:
        taken = {number for number, _ in pairs}
        free: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
        for (code, _, _, piece), numbers in sorted(exact.items(), key=lambda entry: entry[0][1:3]):
            if taken.isdisjoint(numbers):
                free[code, piece].append(numbers)
        for (_, code, piece), alike in stale.items():
            places = free[code, piece]
            if len(places) == len(alike):
                alike.sort(key=lambda verdict: (verdict.start, verdict.end))
                pairs += [(n, verdict) for numbers, verdict in zip(places, alike, strict=True) for n in numbers]
    return tuple(pairs)


def line(verdict: Verdict) -> dict[str, Any]:
    """A verdict as a decision line, ready for JSON.

    >>> line(Verdict("7", "ab12", "LAY001", 11, 17, "layers", "reject"))["verdict"]
    'reject'
    """
    return verdict._asdict()


def read(path: str | Path) -> Verdicts:
    """The verdicts in a file of decision lines. InputError with file and line where one is damaged."""
    verdicts, numbers = [], []
    try:
        with Path(path).open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    verdicts.append(_verdict(f"{path}, line {number}", raw))
                    numbers.append(number)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the name") from None
    return Verdicts(verdicts, str(path), numbers)


def _verdict(place: str, raw: bytes) -> Verdict:
    try:
        entry = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError(f"{place}: no line of JSON: remove it, or take the file as it was saved") from None
    if not isinstance(entry, Mapping):
        raise InputError(f"{place}: a decision must be an object {{…}}")
    kinds: dict[str, type | tuple[type, ...]] = {
        "article": (str, type(None)),
        "sha256_before": str,
        "code": str,
        "start": int,
        "end": int,
        "text": str,
        "verdict": str,
    }
    for field, kind in kinds.items():
        if field not in entry:
            raise InputError(f"{place}: {field!r} is missing in this decision")
        if not isinstance(entry[field], kind) or isinstance(entry[field], bool):
            raise InputError(f"{place}: {field!r} is of the wrong kind: {entry[field]!r}")
    if not 0 <= entry["start"] <= entry["end"]:
        raise InputError(f"{place}: 'start' and 'end' are no place in a text: {entry['start']}, {entry['end']}")
    if entry["verdict"] not in get_args(Word):
        raise InputError(f"{place}: 'verdict' must be accept or reject, not {entry['verdict']!r}")
    return Verdict(**{field: entry[field] for field in Verdict._fields})
