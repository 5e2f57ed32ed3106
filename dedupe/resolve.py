"""Decide. Every finding gets exactly one outcome, in one total order that names no rule.

Surer findings go first, so that what a level applies never depends on what it holds back: the edits of a level contain
those of the level below.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from itertools import accumulate, groupby
from string import ascii_letters

from dedupe.model import Decision, Document, Edit, Finding, Outcome, Safety, Sentence, Span
from dedupe.normalise import key, length
from dedupe.policy import Policy
from dedupe.traits import finished

PROSE_WORDS = 6
"""A finished sentence of at least this many words counts as prose."""
_LITTLE = 8
"""Where prose is less than this fraction of a text, it is a list: what remains without it is not nothing."""
_STRETCH = 1_000
_ASCII_LETTERS = ascii_letters.encode()


def resolve(
    document: Document,
    findings: Sequence[Finding],
    policy: Policy,
    accepted: Collection[int] = (),
    rejected: Collection[int] = (),
) -> tuple[Decision, ...]:
    """One decision for each finding, in the order given.

    `accepted` and `rejected` are the places of findings on which a person decided. An accepted one is applied whatever
    level and budget say. A rejected one is not, and nothing comes in its place: what only its absence would allow
    stays held back, unless it is accepted.
    """
    decisions = _decide(document, findings, policy, accepted, {})
    if not rejected:
        return decisions
    settled = {i: d for i, d in enumerate(decisions) if d.outcome is not Outcome.APPLIED and i not in accepted}
    settled |= {i: Decision(findings[i], Outcome.REJECTED, "rejected by a person") for i in rejected}
    return _decide(document, findings, policy, accepted, settled)


def _decide(
    document: Document,
    findings: Sequence[Finding],
    policy: Policy,
    accepted: Collection[int],
    settled: Mapping[int, Decision],
) -> tuple[Decision, ...]:
    """Decide on all findings but the settled ones, which are not applied."""
    allowed = tuple(key(wording) for wording in policy.allow)
    state = _State(document, findings, policy)
    decisions = dict(settled)
    order = sorted(
        (i for i in range(len(findings)) if i not in settled),
        key=lambda i: (-findings[i].safety, -findings[i].priority, findings[i].span, findings[i].code, i),
    )
    for _, alike in groupby(order, key=lambda i: findings[i].safety):
        waiting = list(alike)
        while waiting:
            refused = []
            freed = False
            for i in waiting:
                finding = findings[i]
                outcome, reason = _verdict(document, i, policy, allowed, state, i in accepted)
                if outcome is Outcome.APPLIED:
                    absorbed = state.apply(i)
                    freed |= any(findings[other].witness for other in absorbed)
                    for other in absorbed:
                        reason_absorbed = f"lies inside what {finding.code} takes out"
                        decisions[other] = Decision(findings[other], Outcome.OVERLAPS, reason_absorbed)
                elif outcome is Outcome.WITNESS_LOST:
                    refused.append(i)
                decisions[i] = Decision(finding, outcome, reason)
            waiting = refused if freed else []
    return tuple(decisions[i] for i in range(len(findings)))


def _verdict(
    document: Document, number: int, policy: Policy, allowed: tuple[str, ...], state: _State, accepted: bool
) -> tuple[Outcome, str]:
    text, finding = document.article.text, state.findings[number]
    folded = f" {key(text[finding.span.start : finding.span.end])} " if allowed else ""
    for wording in allowed:
        if wording and f" {wording} " in folded:
            return Outcome.SUPPRESSED, f"the configuration allows {wording!r}"
    if not finding.edits:
        return Outcome.NO_FIX, "only reported: no edit is known to be right"
    if accepted:
        return state.refusal(number, accepted) or (Outcome.APPLIED, "accepted by a person")
    if finding.safety is Safety.DISPLAY:
        return Outcome.TOO_RISKY, "only reported: no level applies it"
    if finding.safety < state.floor:
        surer = state.floor.name.lower()
        return Outcome.TOO_RISKY, f"{finding.safety.name.lower()}; level {policy.level.value} applies what is {surer}"
    return state.refusal(number) or (Outcome.APPLIED, finding.message)


class _Spans:
    """Spans in order, each with the number of the finding it belongs to."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, int]] = []
        self._longest = 0

    def add(self, span: Span, number: int) -> None:
        """Put a span in its place."""
        insort(self._entries, (*span, number))
        self._longest = max(self._longest, span.end - span.start)

    def drop(self, numbers: Container[int]) -> None:
        """Forget the spans of some findings."""
        self._entries = [entry for entry in self._entries if entry[2] not in numbers]

    def touching(self, span: Span) -> list[tuple[int, int, int]]:
        """Start, end and number of those that overlap a span; an insertion touches what it stands beside or in."""
        start, end = span
        found = []
        for place in range(bisect_left(self._entries, (start - self._longest,)), len(self._entries)):
            left, right, _ = entry = self._entries[place]
            if left > end:
                break
            if (left < end and start < right) or (start == end and left <= start <= right):
                found.append(entry)
        return found


class _State:
    """What has been applied so far: spans in order, protected witnesses, prose cut, letters left of those counted."""

    def __init__(self, document: Document, findings: Sequence[Finding], policy: Policy) -> None:
        self.text = document.article.text
        self.findings = findings
        self.floor = policy.level.floor
        self.applied = _Spans()
        self.witnesses = _Spans()
        self.letters = self.counted = 0
        self.taken: dict[int, tuple[int, int]] = {}
        prose = [s for s in document.sentences if s.key.count(" ") > PROSE_WORDS - 2 and is_prose(self.text, s)]
        doomed = sorted(
            e.span for f in findings if f.safety > Safety.DISPLAY and f.witness is None for e in f.edits if e.seam
        )
        reach = list(accumulate((end for _, end in doomed), max))
        kept = [s for s in prose if not _covered(s.body, doomed, reach)]
        little = _LITTLE * sum(s.body.end - s.body.start for s in prose) <= len(self.text)
        self.nothing_stays = (bool(prose) and not kept and not little) or not _letters_outside(self.text, doomed)
        if little and not kept:
            prose = []
        if kept:
            prose = [s for s in prose if kept[0].body.start <= s.body.start <= kept[-1].body.start]
        self.prose = [s.body for s in prose]
        self.allowance = policy.budget * sum(end - start for start, end in self.prose)

    def refusal(self, number: int, accepted: bool = False) -> tuple[Outcome, str] | None:
        """Why a finding must not be applied, or None; of an accepted one only what others have taken counts."""
        finding = self.findings[number]
        for edit in finding.edits:
            other = self._conflict(edit)
            if other is not None:
                return (
                    Outcome.OVERLAPS,
                    f"the same words belong to {self.findings[other].code}, which was decided first",
                )
            if edit.seam:
                for _, _, i in self.witnesses.touching(edit.span):
                    return Outcome.WITNESS_LOST, f"is the copy that stays for {self.findings[i].code}"
        prose, letters = self._taken(number)
        witness = finding.witness
        repeats = witness is not None and witness.field == "text"
        if witness is not None and repeats:
            for _, _, i in self.applied.touching(witness.span):
                if any(e.seam and _overlap(e.span, witness.span) for e in self.findings[i].edits):
                    return Outcome.WITNESS_LOST, f"its other copy is taken out by {self.findings[i].code}"
            if any(e.seam and _overlap(e.span, witness.span) for e in finding.edits):
                return Outcome.WITNESS_LOST, "it would take its own other copy along"
        if accepted:
            return None
        if not repeats and self.nothing_stays and any(e.seam for e in finding.edits):
            return Outcome.OVER_BUDGET, "nothing of the text would be left"
        if not repeats and prose > max(0, self.allowance):
            return Outcome.OVER_BUDGET, "more of the article's own prose would go than the budget allows"
        if self._takes_all(letters):
            return Outcome.OVER_BUDGET, "nothing of the text would be left"
        return None

    def apply(self, i: int) -> list[int]:
        """Take finding i as applied; the numbers of the findings that it swallows."""
        finding = self.findings[i]
        swallowed = {
            other
            for edit in finding.edits
            if edit.seam
            for start, end, other in self.applied.touching(edit.span)
            if edit.span.start <= start and end <= edit.span.end
        }
        for other in swallowed:
            prose, letters = self._taken(other)
            self.letters += letters
            if self.findings[other].witness is None:
                self.allowance += prose
        prose, letters = self._taken(i)
        if finding.witness is None:
            self.allowance -= prose
        self.letters -= letters
        if swallowed:
            self.applied.drop(swallowed)
            self.witnesses.drop(swallowed)
        for edit in finding.edits:
            self.applied.add(edit.span, i)
        if finding.witness is not None and finding.witness.field == "text":
            self.witnesses.add(finding.witness.span, i)
        return sorted(swallowed)

    def _conflict(self, edit: Edit) -> int | None:
        """The applied finding that an edit meets; none where a cut swallows all that the other one changes.

        Of two cuts of the same words the first stays, unless it leans on a witness: then that is free to go.
        """
        start, end = edit.span
        for _, _, other in self.applied.touching(edit.span):
            edits = self.findings[other].edits
            inside = all(start <= e.span.start and e.span.end <= end for e in edits)
            same = self.findings[other].witness is None and any(e.seam and e.span == edit.span for e in edits)
            if start == end or not edit.seam or not inside or same:
                return other
        return None

    def _taken(self, number: int) -> tuple[int, int]:
        """How many characters of prose, and how many letters, a finding takes."""
        if number not in self.taken:
            edits = self.findings[number].edits
            letters = sum([_letters(edit.before) - (_letters(edit.after) if edit.after else 0) for edit in edits])
            self.taken[number] = self._prose_in(edits), letters
        return self.taken[number]

    def _prose_in(self, edits: Iterable[Edit]) -> int:
        total = 0
        for edit in edits:
            if edit.seam:
                at = max(0, bisect_left(self.prose, edit.span) - 1)
                while at < len(self.prose) and self.prose[at].start < edit.span.end:
                    total += max(0, min(self.prose[at].end, edit.span.end) - max(self.prose[at].start, edit.span.start))
                    at += 1
        return total

    def _takes_all(self, taken: int) -> bool:
        """Would so many letters be all that are left? They are counted only as far as it takes to tell."""
        while self.letters <= taken and self.counted < len(self.text):
            self.letters += _letters(self.text[self.counted : self.counted + _STRETCH])
            self.counted += _STRETCH
        return taken >= self.letters > 0


def _letters(text: str) -> int:
    """How many letters a text has."""
    if text.isascii():
        return len(text) - len(text.encode().translate(None, _ASCII_LETTERS))
    return sum(map(str.isalpha, text))


def is_prose(text: str, sentence: Sentence) -> bool:
    """Is it a finished sentence of some length?"""
    return length(sentence.key) >= PROSE_WORDS and finished(text[sentence.body.start : sentence.body.end])


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _letters_outside(text: str, cuts: list[Span]) -> bool:
    """Does a letter stand outside the sorted cuts?"""
    at = 0
    for start, end in (*cuts, Span(len(text), len(text))):
        if any(map(str.isalpha, text[at:start])):
            return True
        at = max(at, end)
    return not any(map(str.isalpha, text))


def _covered(span: Span, cuts: list[Span], reach: list[int]) -> bool:
    """Do sorted cuts take half of the span, or more? `reach`: how far the cuts up to each one go."""
    at = bisect_right(cuts, (span.end, span.end))
    if not at or reach[at - 1] <= span.start:
        return False
    taken = sum(max(0, min(cut.end, span.end) - max(cut.start, span.start)) for cut in cuts[max(0, at - 16) : at])
    return 2 * taken >= span.end - span.start
