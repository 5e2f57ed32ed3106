"""From cleaned chunks to files: the cleaned file, its rejects and its reports, for every command that writes them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from dedupe.errors import InputError, OutputError

if TYPE_CHECKING:
    from dedupe.cleaning import Done
    from dedupe.decisions import Verdict, Verdicts
    from dedupe.io.format import Sink
    from dedupe.io.output import Outputs
    from dedupe.io.record import Reject
    from dedupe.io.source import Source
    from dedupe.pipeline import Result
    from dedupe.report.progress import Progress
    from dedupe.report.summary import Line

_NOTES = 8


class Run:
    """Takes what became of chunks to where it goes, and counts."""

    def __init__(self, reports: Reports, decisions: Verdicts, progress: Progress, would: bool) -> None:
        from dedupe.report.summary import Tally

        self._reports = reports
        self._progress = progress
        self._fitting = Fitting(decisions)
        self.tally = Tally(would)
        self.last: Result | None = None

    def through(self, source: Source, chunks: Iterable[Done], sink: Sink | None, rejects: Rejects) -> bool:
        """All chunks of one input; False for an input that is no article as a whole: nothing was written for it.

        InputError when it cannot be read.
        """
        whole, is_article = source.format.whole, True
        for done in chunks:
            if done.error:
                raise done.error
            for piece in done.pieces if sink else ():
                sink.write(piece)  # type: ignore[union-attr]
            is_article = is_article and not (whole and done.rejects)
            for reject in () if whole else done.rejects:
                rejects.add(reject)
            self._reports.add(done)
            self._fitting.add(done.fitted)
            self.tally.merge(done.tally)
            if done.results:
                self.last = done.results[-1][0]
            self._progress.step(done.tally.records, done.read)
        if sink:
            sink.finish()
        if not whole:
            rejects.finish()
        return is_article

    def notes(self) -> Iterator[Line]:
        """Warnings, what was rejected or failed, and the decisions that fit nothing, the first few of each."""
        yield from self.tally.notes()
        yield from self._fitting.notes()


class Fitting:
    """Watches which of a person's decisions fit a finding in any article."""

    def __init__(self, decisions: Verdicts) -> None:
        self._decisions = decisions
        self._fitted: set[Verdict] = set()

    def add(self, fitted: set[Verdict]) -> None:
        """The decisions that fit in some articles."""
        self._fitted |= fitted

    def notes(self) -> Iterator[Line]:
        """The decisions that fit nothing, the first few of them."""
        from dedupe.report.position import clip

        left = list(self._decisions.left(self._fitted))
        for note in left[:_NOTES]:
            yield ((clip(note, 300), "yellow"),)
        if len(left) > _NOTES:
            yield ((f"… and {len(left) - _NOTES:,} more decisions that fit no finding", "yellow"),)


class Rejects:
    """Where records go that could not be read: a file that appears with the first, or standard error (`aloud`).

    A file of that name from an earlier run goes when this run has none; with `fresh` it must not be there.
    """

    def __init__(self, outputs: Outputs, name: str | None, aloud: bool = False, fresh: bool = False) -> None:
        if fresh and name and Path(name).exists():
            raise OutputError(
                f"{name} is left from an earlier run and may hold the only copy of its lines: move it away"
            )
        self._outputs = outputs
        self._name = name
        self._aloud = aloud
        self._file: IO[bytes] | None = None

    def add(self, reject: Reject) -> None:
        """Write one line."""
        from dedupe.io.restore import reject_entry
        from dedupe.report.plan import dump

        entry = dump(reject_entry(reject))
        if self._name:
            self._file = self._file or self._outputs.open(self._name)
            self._file.write(entry)
        elif self._aloud:
            sys.stderr.write(entry.decode())

    def close(self) -> None:
        """No more lines come; few files stay open."""
        if self._file:
            self._file.close()

    def withdraw(self) -> None:
        """Let nothing come of them."""
        if self._file:
            self._outputs.withdraw(self._file)

    def finish(self) -> None:
        """All records are through."""
        if self._name and self._file is None and Path(self._name).is_file():
            self._outputs.remove(Path(self._name))


class Kinds(NamedTuple):
    """The reports that are asked for, by the kind that their suffix says."""

    plans: list[str]
    pages: list[str]
    diffs: list[str]


class Reports:
    """The files of --report, each written as the chunks come; `diff` takes the diffs too, as they come."""

    def __init__(
        self, outputs: Outputs, kinds: Kinds, title: str, diff: Callable[[bytes], object] | None = None
    ) -> None:
        self._plans = [outputs.open(name) for name in kinds.plans]
        self._diffs = [outputs.open(name).write for name in kinds.diffs] + ([diff] if diff else [])
        self._pages = []
        for name in kinds.pages:
            from dedupe.report.page import HtmlReport

            self._pages.append(HtmlReport(outputs.open(name), title))

    def add(self, done: Done) -> None:
        """What became of a chunk."""
        for file in self._plans:
            file.writelines(done.plans)
        for write in self._diffs:
            for text in done.diffs:
                write(text.encode("utf-8", "backslashreplace"))
        for page in self._pages:
            for result, dropped in done.results:
                page.add(result, dropped)

    def finish(self) -> None:
        """All chunks are there."""
        for page in self._pages:
            page.finish()


def kinds_of(reports: list[str]) -> Kinds:
    """The reports by kind. InputError for another suffix."""
    from dedupe.io.format import suffix_of

    kinds = Kinds([], [], [])
    for name in reports:
        places = {".jsonl": kinds.plans, ".html": kinds.pages, ".diff": kinds.diffs}
        if suffix_of(name) not in places:
            raise InputError(
                f"--report {name}: a report is a plan (.jsonl), a page (.html) or a unified diff (.diff), by its suffix"
            )
        places[suffix_of(name)].append(name)
    return kinds


def title(names: list[str]) -> str:
    """What a report of these inputs is called."""
    if len(names) > 1:
        return f"{len(names)} inputs"
    return "standard input" if names == ["-"] else Path(names[0]).name


def target(outputs: Outputs, source: Source, place: str, in_place: bool = False) -> IO[bytes]:
    """The file for the cleaned records of an input. InputError when its name promises another format."""
    from dedupe.io.format import check_output

    if in_place:
        if source.format.written != source.format.name:
            raise InputError(f"{place} cannot be written as .{source.format.name}: use -o FOLDER instead of --in-place")
        if source.disguised:
            raise InputError(f"{place} is compressed, which its name hides: rename it to {place}.gz or .zst first")
        return outputs.replace(place)
    check_output(place, source.format.written)
    return outputs.open(place)
