"""What a person changed in a cleaned article, as edits of the article: explained and taken back like any other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path
from typing import Any

from dedupe.edit import LINE_BREAK, apply, inverse, sha256
from dedupe.errors import InputError
from dedupe.model import Article, Decision, Edit, Finding, Outcome, Safety, Span
from dedupe.pipeline import Result

CODE = "HAND"
"""Stands in a plan where a rule's code stands, for what a person changed."""
_TOKENS = 20_000


def edited(result: Result, text: str) -> Result:
    """The result with another text, which a person made of the cleaned one: the plan tells of both.

    Each stretch that was changed is a finding of the code HAND. A rule's cut inside such a stretch becomes part of it.

    >>> import dedupe
    >>> by_hand = edited(dedupe.clean("Rain fell. layers\\nThe sun shone."), "Rain fell.\\nThe sun shines.")
    >>> [(edit.before, edit.after) for edit in by_hand.plan.edits], by_hand.undo() == by_hand.article.text
    ([(' layers', ''), ('shone', 'shines')], True)
    """
    if text == result.text:
        return result
    plan, original = result.plan, result.article.text
    edits = composed(original, plan.edits, changes(result.text, text))
    left = {edit.finding for edit in edits}
    decisions = [
        replace(decision, outcome=Outcome.OVERLAPS, reason="lies inside what was edited by hand")
        if decision.outcome is Outcome.APPLIED and number not in left
        else decision
        for number, decision in enumerate(plan.decisions)
    ]
    settled = []
    for edit in edits:
        if edit.finding < 0:
            finding = Finding(CODE, edit.span, "edited by hand", Safety.SAFE, (edit,))
            edit = replace(edit, finding=len(decisions))
            decisions.append(Decision(finding, Outcome.APPLIED, "edited by hand"))
        settled.append(edit)
    whole = replace(plan, sha256_after=sha256(text), edits=tuple(settled), decisions=tuple(decisions))
    return replace(result, text=text, plan=whole)


def changes(before: str, after: str) -> list[Edit]:
    """The edits that make one text of another: whole words, or whole lines where the text is long.

    What stands between two of them without a letter or digit belongs to one edit with both.
    """
    old, new = _tokens(before), _tokens(after)
    if len(old) + len(new) > _TOKENS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    stretches: list[tuple[int, int, int, int]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if stretches and not any(map(str.isalnum, "".join(old[stretches[-1][1] : a]))):
            a, _, c, _ = stretches.pop()
        stretches.append((a, b, c, d))
    places = [0, *accumulate(map(len, old))]
    return [
        Edit(Span(places[a], places[b]), before[places[a] : places[b]], "".join(new[c:d])) for a, b, c, d in stretches
    ]


def _tokens(text: str) -> list[str]:
    """Runs of letters and digits, and each other character by itself."""
    tokens: list[str] = []
    word = False
    for character in text:
        letter = character.isalnum()
        if letter and word:
            tokens[-1] += character
        else:
            tokens.append(character)
        word = letter
    return tokens


def composed(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """One list of edits of the text that does what `first`, and then `second` on the outcome, do.

    An edit of `first` that `second` does not touch stays as it is; where they meet, one edit with no finding does both.
    """
    back = inverse(first)
    middle = apply(text, first)
    edits: list[Edit] = []
    done = 0  # how many of `first` are through
    at = 0
    while at < len(second):
        low, high = second[at].span
        group = [second[at]]
        at += 1
        while done < len(first) and back[done].span.end <= low:
            edits.append(first[done])
            done += 1
        touched = done
        while True:
            if touched < len(first) and back[touched].span.start < high:
                low, high = min(low, back[touched].span.start), max(high, back[touched].span.end)
                touched += 1
            elif at < len(second) and second[at].span.start < high:
                high = max(high, second[at].span.end)
                group.append(second[at])
                at += 1
            else:
                break
        shift = sum(len(edit.before) - len(edit.after) for edit in first[:done])
        start = low + shift
        end = high + shift + sum(len(edit.before) - len(edit.after) for edit in first[done:touched])
        moved = [replace(edit, span=Span(edit.span.start - low, edit.span.end - low)) for edit in group]
        edits.append(Edit(Span(start, end), text[start:end], apply(middle[low:high], moved)))
        done = touched
    return [*edits, *first[done:]]


def lines_of(text: str) -> list[str]:
    """The lines of a text without line breaks of any kind.

    >>> lines_of("one\\r\\ntwo\\n")
    ['one', 'two', '']
    """
    return LINE_BREAK.split(text)


def rejoined(text: str, lines: Sequence[str]) -> str:
    """Lines that were made of a text's, with the line breaks that the text has there; new ones get its first.

    >>> rejoined("one\\r\\ntwo\\r\\n", ["one", "and", "two", ""])
    'one\\r\\nand\\r\\ntwo\\r\\n'
    """
    old, breaks = lines_of(text), LINE_BREAK.findall(text)
    usual = breaks[0] if breaks else "\n"
    chosen = [usual] * len(lines)
    for _, a, b, c, d in SequenceMatcher(None, old, lines, autojunk=False).get_opcodes():
        for i, j in zip(range(a, min(b, len(breaks))), range(c, d), strict=False):
            chosen[j] = breaks[i]
    return "".join(part for pair in zip(lines, [*chosen[: len(lines) - 1], ""], strict=True) for part in pair)


def line(article: Article, text: str | None) -> dict[str, Any]:
    """What a person made of an article, ready for JSON; no text takes an earlier edit back."""
    return {
        "article": article.id,
        "source": article.source,
        "ordinal": article.ordinal,
        "sha256_before": sha256(article.text),
        "text": text,
    }


def read(path: Path, articles: Iterable[Article]) -> Iterator[tuple[int, str | None]]:
    """For each line of the file the place of its article in `articles`, and the text; nothing without a file.

    InputError where a line is damaged, or its article is not there any more: nothing of what was typed may be lost.
    """
    if not path.exists():
        return
    places = {(article.ordinal, sha256(article.text)): number for number, article in enumerate(articles)}
    for number, raw in enumerate(path.read_bytes().splitlines(), 1):
        place = f"{path}, line {number}"
        try:
            entry = json.loads(raw)
        except ValueError:
            raise InputError(f"{place}: no line of JSON: take the file as the review wrote it") from None
        text = entry.get("text") if isinstance(entry, Mapping) else 0
        if not isinstance(text, (str, type(None))):
            raise InputError(f"{place}: damaged: take the file as the review wrote it")
        article = places.get((entry.get("ordinal"), entry.get("sha256_before")))
        if article is None:
            raise InputError(f"{place}: the article that was edited by hand is not in the input: move this file away")
        yield article, text
