"""What a person reads on standard error: each finding of one text, or the counts of many."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from dedupe.model import Decision, Edit, Failure, Outcome, Safety, Span, Witness
from dedupe.pipeline import Result
from dedupe.report.plan import names
from dedupe.report.position import clip, locator

Line = tuple[tuple[str, str], ...]
"""A line as pieces of text, each with its style (as rich names them; "" for none)."""

_FINDINGS = 40
_EDITS = 3
_ALIKE = 3
_NOTES = 8
_COUNTS = ("articles", "changed", "without_text", "rejected", "failed", "dropped", "_lines", "_before", "_after")
_NO_RECORD = "no line is a record: is it a .txt, or indented JSON (jq -c . makes it one record a line)?"


def show(lines: Iterable[Line], stream: TextIO) -> None:
    """Write lines: with styles on a terminal, plain elsewhere and where NO_COLOR is set."""
    if stream.isatty() and not os.environ.get("NO_COLOR"):
        from rich.console import Console
        from rich.text import Text

        console = Console(file=stream, highlight=False)
        for line in lines:
            console.print(Text.assemble(*line), soft_wrap=True)
        return
    for line in lines:
        stream.write("".join(piece for piece, _ in line) + "\n")


def swallowed(result: Result) -> set[int]:
    """The places, in the plan's decisions, of findings that lie wholly inside what other findings cut."""
    cuts: list[Span] = []
    for edit in result.plan.edits:
        if not edit.after.strip():
            start = cuts.pop().start if cuts and cuts[-1].end == edit.span.start else edit.span.start
            cuts.append(Span(start, edit.span.end))
    inside = set()
    for number, decision in enumerate(result.plan.decisions):
        if decision.outcome is Outcome.OVERLAPS:
            start, end = decision.finding.span
            at = bisect_right(cuts, start, key=lambda cut: cut.start) - 1
            if at >= 0 and end <= cuts[at].end:
                inside.add(number)
    return inside


def findings(result: Result, would: bool = False) -> Iterator[Line]:
    """What was found in one text: where, by which rule, its outcome, what went, and why; the first forty findings.

    With `would` it is said of a text that stays as it is. Left out is what other findings swallow; many findings of a
    rule that are only reported are one line.
    """
    named, locate = names(), locator(result.article.text)
    applied: dict[int, list[Edit]] = {}
    for edit in result.plan.edits:
        applied.setdefault(edit.finding, []).append(edit)
    decisions, alike = result.plan.decisions, _alike(result)
    hidden = swallowed(result).union(*(places[1:] for places in alike.values()))
    told = [number for number in range(len(decisions)) if number not in hidden]
    for number in told[:_FINDINGS]:
        decision = decisions[number]
        finding = decision.finding
        done = decision.outcome is Outcome.APPLIED
        line, column = locate(finding.span.start)
        rule = (f"{finding.code} {named.get(finding.code, '')}: ", "cyan")
        if number in alike:
            yield rule, (f"{len(alike[number])} places, only reported", "yellow")
            yield ((f"    the first at line {line}, column {column}: {clip(finding.message, 300)}", "dim"),)
            continue
        applies = "would be applied" if would else "applied"
        outcome = (applies, "green") if done else (f"held back ({decision.outcome.value})", "yellow")
        yield (f"line {line}, column {column}: ", "bold"), rule, outcome
        edits = applied.get(number, []) if done else list(finding.edits)
        for edit in edits[:_EDITS]:
            yield (("    " if done and not would else "    would ", ""), *_change(edit))
        if len(edits) > _EDITS:
            yield ((f"    … and {_number(len(edits) - _EDITS, 'more place')}", "dim"),)
        if not edits:
            yield ((f"    “{clip(result.article.text[slice(*finding.span)])}”", ""),)
        yield ((f"    {clip(_why(decision, locate), 400)}", "dim"),)
    if len(told) > _FINDINGS:
        yield ((f"… and {_number(len(told) - _FINDINGS, 'more finding')}: --report FILE.jsonl holds all", "dim"),)


def _alike(result: Result) -> dict[int, list[int]]:
    """Findings of one rule that are only reported, where they are many: the places of all by that of the first."""
    reported: dict[str, list[int]] = {}
    for number, decision in enumerate(result.plan.decisions):
        finding = decision.finding
        only_reported = decision.outcome is Outcome.NO_FIX or (
            decision.outcome is Outcome.TOO_RISKY and finding.safety is Safety.DISPLAY
        )
        if only_reported and finding.witness is None:
            reported.setdefault(finding.code, []).append(number)
    return {numbers[0]: numbers for numbers in reported.values() if len(numbers) > _ALIKE}


def _change(edit: Edit) -> Line:
    if not edit.after:
        return (("cut “", ""), (clip(edit.before), "red"), ("”", ""))
    if not edit.before:
        return (("put in “", ""), (clip(edit.after), "green"), ("”", ""))
    return (("replace “", ""), (clip(edit.before), "red"), ("” by “", ""), (clip(edit.after), "green"), ("”", ""))


def _why(decision: Decision, locate: Callable[[int], tuple[int, int]]) -> str:
    finding = decision.finding
    reason = finding.message
    if decision.outcome is not Outcome.APPLIED:
        reason += f"; {decision.reason}"
    return reason + _copy(finding.witness, locate)


def _copy(witness: Witness | None, locate: Callable[[int], tuple[int, int]]) -> str:
    if witness is None:
        return ""
    return f" (the other copy: {'the title' if witness.field == 'title' else f'line {locate(witness.span.start)[0]}'})"


class Tally:
    """The counts of a run; with `would` it is said of texts that stay as they are."""

    def __init__(self, would: bool = False) -> None:
        self._would = would
        self._applies = "would be applied" if would else "applied"
        self.articles = self.changed = self.without_text = self.rejected = self.failed = self.dropped = 0
        self._lines = self._before = self._after = 0
        self._applied: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._unreadable: list[str] = []
        self._notes: list[str] = []
        self._unsaid = 0

    @property
    def records(self) -> int:
        """How many records there were."""
        return self.articles + self.without_text + self.rejected

    @property
    def unread(self) -> bool:
        """Was there a record that could not be read, cleaned or marked?"""
        return self.rejected + self.failed > 0

    def add(self, result: Result, dropped: bool = False) -> None:
        """Count a cleaned article."""
        self.articles += 1
        self.dropped += dropped
        self.changed += result.changed
        self._before += len(result.article.text)
        self._after += len(result.text)
        hidden = swallowed(result)
        for number, decision in enumerate(result.plan.decisions):
            if number in hidden:
                continue
            counts = self._applied if decision.outcome is Outcome.APPLIED else self._held
            counts[decision.finding.code] += 1
        if result.plan.warning:
            article = result.article
            place = f"{article.source}, line {article.ordinal + 1}" if article.ordinal or article.id else article.source
            self._note(f"warning: {place}{f' (id {article.id})' if article.id else ''}: {result.plan.warning}")

    def reject(self, place: str, reason: str, is_line: bool = True) -> None:
        """Count what could not be read: a line, or a whole page."""
        self.rejected += 1
        self._lines += is_line
        self._note(f"rejected: {place}: {reason}")

    def unreadable(self, name: str, reason: str) -> None:
        """Count an input that could not be read; a name before the reason is left out. None goes unsaid."""
        self.rejected += 1
        self._unreadable.append(clip(f"rejected: {name}: {reason.removeprefix(name).lstrip(': ')}", 300))

    def passed(self, blank: bool, failure: Failure | None) -> None:
        """Count what passed unchanged: a blank line, a record without text, or one with which something went wrong."""
        if failure is None:
            self.without_text += not blank
            return
        self.articles += 1
        self.failed += 1
        self._note(
            f"failed ({failure.stage}): {failure.source}, line {failure.line}: {failure.message}; left unchanged"
        )

    def _note(self, note: str) -> None:
        if len(self._notes) < _NOTES:
            self._notes.append(clip(note, 300))
        else:
            self._unsaid += 1

    def merge(self, other: Tally) -> None:
        """Count what another tally counted after this one."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self._applied.update(other._applied)
        self._held.update(other._held)
        self._unreadable += other._unreadable
        for note in other._notes:
            self._note(note)
        self._unsaid += other._unsaid

    def notes(self) -> Iterator[Line]:
        """Inputs that could not be read, the first few warnings, rejected lines and failures, and a hint where no line
        was a record."""
        for note in (*self._unreadable, *self._notes):
            yield ((note, "yellow"),)
        if self._unsaid:
            yield ((f"… and {self._unsaid:,} more of these", "yellow"),)
        if self._lines and not (self.articles or self.without_text):
            yield ((_NO_RECORD, "yellow"),)

    def rules(self) -> Iterator[Line]:
        """How often each rule's findings were applied and held back."""
        named = names()
        for code in sorted(self._applied.keys() | self._held.keys()):
            counts = f"{self._applied[code]:>8,} {self._applies} {self._held[code]:>8,} held back"
            yield ((f"{code} {named.get(code, ''):<22}", "cyan"), (counts, ""))

    def counts(self, records: bool) -> Line:
        """All in one line: findings, or records, and the share of the text that went."""
        applied, held = self._applied.total(), self._held.total()
        taken = self._before - self._after
        gone = f"{taken:,} of {_number(self._before, 'character')}"
        share = f"({100 * taken / max(1, self._before):.1f} %)"
        words = [
            f"{_number(applied + held, 'finding')}: {applied:,} {self._applies}, {held:,} held back",
            f"would remove {gone} {share}" if self._would else f"{gone} removed {share}",
        ]
        if records:
            rare = {
                "without text": self.without_text,
                "rejected": self.rejected,
                "failed": self.failed,
                "dropped": self.dropped,
            }
            changed, unchanged = ("would change", "would not") if self._would else ("changed", "unchanged")
            words.insert(
                0,
                f"{_number(self.records, 'record')}: {self.changed:,} {changed}, "
                f"{self.articles - self.changed - self.failed:,} {unchanged}"
                + "".join(f", {count:,} {name}" for name, count in rare.items() if count),
            )
        return (("; ".join(words), "bold"),)


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"
