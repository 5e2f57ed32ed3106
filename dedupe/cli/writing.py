"""From cleaned records to files: the cleaned file, its rejects and its reports, for every command that writes them."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dedupe.errors import InputError

if TYPE_CHECKING:
    from dedupe.cli.articles import Cleaned, Passed
    from dedupe.io.output import Outputs
    from dedupe.io.source import Reject, Source
    from dedupe.pipeline import Result
    from dedupe.report.progress import Progress

Write = Callable[[bytes], object]
Tell = Callable[["Cleaned"], object]


class Run:
    """Takes records from where they are read to where they go, and tells the reports and the tally."""

    def __init__(
        self,
        told: list[Tell],
        mark: bool,
        would: bool,
        progress: Progress,
        leave_out: Callable[[Cleaned], bool] | None = None,
    ) -> None:
        from dedupe.report.summary import Tally

        self.leave_out = leave_out
        self.told = told
        self.mark = mark
        self.tally = Tally(would)
        self.progress = progress
        self.last: Result | None = None

    def through(
        self, source: Source, records: Iterable[Cleaned | Passed | Reject], write: Write, rejects: Rejects
    ) -> None:
        """All records of one input."""
        from dedupe.cli.articles import Cleaned, Passed

        write(source.codec.bom)
        for record in records:
            if isinstance(record, Cleaned):
                write(self._article(record))
            elif isinstance(record, Passed):
                self.tally.passed(record.blank, record.failure)
                write(record.raw)
            else:
                self.tally.reject(record.source, record.line, record.reason)
                rejects.add(record)
            self.progress.step()
        if source.format == "jsonl":
            rejects.finish()

    def _article(self, cleaned: Cleaned) -> bytes:
        from dedupe.cli.articles import failure

        if self.leave_out and self.leave_out(cleaned):
            cleaned = replace(cleaned, dropped=True)
        try:
            raw = _written(cleaned, self.mark)
        except InputError as error:
            self.tally.passed(False, failure(cleaned.result.article, "write", error))
            return cleaned.record.raw
        self.last = cleaned.result
        self.tally.add(cleaned.result)
        for tell in self.told:
            tell(cleaned)
        if cleaned.dropped:
            self.tally.dropped += 1
            return b""
        return raw


def _written(cleaned: Cleaned, mark: bool) -> bytes:
    """The bytes of a record after cleaning, or with its marks; those it had when nothing changed."""
    record, result = cleaned.record, cleaned.result
    if not result.changed:
        return record.raw
    if not mark:
        return record.with_text(result.text)
    from dedupe.report.mark import criticmarkup, marks

    return record.marked(criticmarkup(result), marks(result))


class Rejects:
    """Where lines go that could not be read: a file that appears with the first of them, or standard error (`aloud`).

    A file of that name from an earlier run goes when this run has none; with `fresh` it must not be there.
    """

    def __init__(self, outputs: Outputs, name: str | None, aloud: bool = False, fresh: bool = False) -> None:
        if fresh and name and Path(name).exists():
            raise InputError(
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

    def finish(self) -> None:
        """All lines are through."""
        if self._name and self._file is None and Path(self._name).is_file():
            self._outputs.remove(Path(self._name))


def reports(outputs: Outputs, names: list[str], title: str) -> tuple[list[Tell], list[Callable[[], object]]]:
    """What to do with each result, and after the last one, so that the reports are written."""
    from dedupe.io.source import suffix_of
    from dedupe.report.plan import dump, to_json

    def plan_to(file: IO[bytes]) -> Tell:
        def tell(cleaned: Cleaned) -> None:
            result = cleaned.result
            entry = to_json(result.plan, result.article.text) | cleaned.record.restorable(result.changed)
            whole = {"dropped": b64encode(cleaned.record.raw).decode("ascii")} if cleaned.dropped else {}
            file.write(dump(entry | whole))

        return tell

    def diff_to(file: IO[bytes]) -> Tell:
        return lambda cleaned: file.write(cleaned.result.diff().encode("utf-8", "backslashreplace"))

    finish: list[Callable[[], object]] = []

    def page_to(file: IO[bytes]) -> Tell:
        from dedupe.report.page import HtmlReport

        page = HtmlReport(file, title)
        finish.append(page.finish)
        return lambda cleaned: page.add(cleaned.result, cleaned.dropped)

    kinds = {".jsonl": plan_to, ".html": page_to, ".diff": diff_to}
    for name in names:
        if suffix_of(name) not in kinds:
            raise InputError(
                f"--report {name}: a report is a plan (.jsonl), a page (.html) or a unified diff (.diff), by its suffix"
            )
    return [kinds[suffix_of(name)](outputs.open(name)) for name in names], finish


def title(names: list[str]) -> str:
    if len(names) > 1:
        return f"{len(names)} inputs"
    return "standard input" if names == ["-"] else Path(names[0]).name


def target(outputs: Outputs, source: Source, place: str, in_place: bool) -> Write:
    from dedupe.io.source import check_output

    if in_place:
        if source.disguised:
            raise InputError(f"{place} is compressed, which its name hides: rename it to {place}.gz first")
        return outputs.replace(place).write
    check_output(place, source.format)
    return outputs.open(place).write
