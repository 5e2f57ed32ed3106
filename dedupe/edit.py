"""Apply decisions and take them back. One `Edit`, one `apply`: the plan that explains is the plan that runs.

A cut with a seam takes white space along so that nothing looks torn: a whole line goes with its line break (and the
blank line that set it apart), a sentence with one separating space; two words or two sentences are never glued
together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from dedupe.errors import ChangedTextError, UndoError
from dedupe.model import Decision, Edit, Outcome, Plan, Span
from dedupe.normalise import UNSPACED

LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
MARKER = re.compile(r"[^\S\n\r]*(?:(?:[-*+>•‣◦▪·–]|#{1,6}|\d{1,3}[.)])[^\S\n\r]*)*")
_BLANK_LINES = re.compile(r"(?:[^\S\n\r]*(?:\r\n|\n|\r))+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


def sha256(text: str) -> str:
    """The fingerprint of a text: sha256 of its UTF-8 bytes in hexadecimal (lone surrogates as they are)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def edits_of(text: str, decisions: Sequence[Decision]) -> tuple[Edit, ...]:
    """The edits of the applied decisions in the order of the text, each with the number of its decision."""
    edits = sorted(
        (
            Edit(edit.span, edit.before, edit.after, edit.seam, number)
            for number, d in enumerate(decisions)
            if d.outcome is Outcome.APPLIED
            for edit in d.finding.edits
        ),
        key=lambda e: (e.span, e.finding),
    )
    settled: list[Edit] = []
    at = 0
    while at < len(edits):
        if not edits[at].seam:
            settled.append(edits[at])
            at += 1
            continue
        last = at  # cuts on one line belong together, and so do whole lines
        while last + 1 < len(edits) and _belong_together(text, edits[at], edits[last], edits[last + 1]):
            last += 1
        low = settled[-1].span.end if settled else 0
        high = edits[last + 1].span.start if last + 1 < len(edits) else len(text)
        settled += _settle(text, edits[at : last + 1], low, high)
        at = last + 1
    return tuple(settled)


def _belong_together(text: str, first: Edit, last: Edit, following: Edit) -> bool:
    """Do two cuts make one: with white space between them, on one line or as whole lines?"""
    between = text[last.span.end : following.span.start]
    if not following.seam or between.strip():
        return False
    return not LINE_BREAK.search(between) or (
        _begins_line(text, first.span.start) and _ends_line(text, following.span.end)
    )


def _begins_line(text: str, at: int) -> bool:
    return not text[_line_start(text, at) : at].strip()


def _ends_line(text: str, at: int) -> bool:
    found = LINE_BREAK.search(text, at)
    return not text[at : found.start() if found else len(text)].strip()


def _settle(text: str, cuts: list[Edit], low: int, high: int) -> list[Edit]:
    """Widen a stretch of cuts by the white space that goes with it, and share the stretch out among the cuts."""
    start, end, after = _widened(text, Span(cuts[0].span.start, cuts[-1].span.end), low, high)
    bounds = [start, *(cut.span.start for cut in cuts[1:]), end]
    return [
        Edit(Span(a, b), text[a:b], after if b == end else "", finding=cut.finding)
        for cut, a, b in zip(cuts, bounds, bounds[1:], strict=False)
    ]


def _widened(text: str, span: Span, low: int, high: int) -> tuple[int, int, str]:
    """Where a cut really starts and ends within [low, high), and what stands in its place ("" or a space)."""
    start, end = span
    left = start
    while left > low and text[left - 1].isspace() and not LINE_BREAK.match(text[left - 1]):
        left -= 1
    right = end
    while right < high and text[right].isspace() and not LINE_BREAK.match(text[right]):
        right += 1
    line_end = right == len(text) or LINE_BREAK.match(text, right) is not None
    line_start = left == 0 or LINE_BREAK.match(text[left - 1]) is not None
    if line_end and not line_start:
        begin = _line_start(text, left)
        marker = MARKER.fullmatch(text, begin, left)
        if marker and begin >= low and left > begin:  # only a list or quotation marker would be left of the line
            left, line_start = begin, True
    if line_start and line_end:
        return (*_whole_lines(text, left, right, low, high), "")
    if line_start:
        return start, right, ""
    if line_end:
        return left, end, ""
    if left < start:
        return left, end, "" if right > end or not _words_meet(text, left, end) else text[left:start]
    return start, end, " " if right == end and _words_meet(text, start, end) else ""


def _whole_lines(text: str, left: int, right: int, low: int, high: int) -> tuple[int, int]:
    """The range of emptied lines with their line break and the blank lines that set them apart."""
    following = LINE_BREAK.match(text, right)
    if following and following.end() <= high:
        end = following.end()
        blank_before = left == 0 or re.search(r"(?:\n|\r)[^\S\n\r]*(?:\r\n|\n|\r)$", text[max(0, left - 80) : left])
        blanks = _BLANK_LINES.match(text, end) if blank_before else None
        if blanks and blanks.end() <= high and (left == 0 or blanks.end() < len(text)):
            end = blanks.end()
        if end < len(text) or left == 0:
            return left, end
    # The last line of the text: the line break before it goes, the end of the text stays as it was.
    before = left
    while before > low and text[before - 1].isspace():
        before -= 1
    return before, right


def _line_start(text: str, at: int) -> int:
    while at > 0 and not LINE_BREAK.match(text[at - 1]):
        at -= 1
    return at


def _words_meet(text: str, left: int, right: int) -> bool:
    """Would the text before `left` and the text from `right` stick together where a space belongs?"""
    before, after = text[left - 1 : left], text[right : right + 1]
    return (
        bool(before and after)
        and not before.isspace()
        and not after.isspace()
        and not (_UNSPACED.match(before) or _UNSPACED.match(after) or before in "。！？」』）、，")
    )


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits applied, left to right. Refused when an edit does not find what it says it replaces."""
    parts: list[str] = []
    at = 0
    for edit in edits:
        start, end = edit.span
        if start < at or text[start:end] != edit.before:
            raise UndoError(f"the plan does not fit the text at position {start}: was it made for another article?")
        parts += text[at:start], edit.after
        at = end
    return "".join((*parts, text[at:]))


def inverse(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that take these back, as positions of the edited text."""
    shift, back = 0, []
    for edit in edits:
        start = edit.span.start + shift
        back.append(Edit(Span(start, start + len(edit.after)), edit.after, edit.before, finding=edit.finding))
        shift += len(edit.after) - len(edit.before)
    return back


def undo(text: str, plan: Plan) -> str:
    """The exact text before the plan was applied. A text that was edited since is refused."""
    if sha256(text) != plan.sha256_after:
        if sha256(text) == plan.sha256_before:
            return text
        raise ChangedTextError(
            f"the text of {plan.article_id or plan.source or 'this article'} was edited after it was cleaned: "
            "undo needs it as `clean` left it (restore that version, or clean the original again with --ignore)"
        )
    original = apply(text, inverse(plan.edits))
    if sha256(original) != plan.sha256_before:
        raise UndoError("the plan is damaged: undoing it does not give the text it was made for; nothing was written")
    return original
