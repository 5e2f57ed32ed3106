"""`dedupe clean`: articles in, cleaned articles and reports out."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from dedupe.cli.ending import DONE, UNREAD, ending
from dedupe.cli.options import (
    Add,
    Config,
    Drop,
    Encoding,
    IdField,
    Ignore,
    InputFormat,
    Inputs,
    Level,
    OtherNumbers,
    SeenIndex,
    Select,
    TextField,
    cleaner_for,
    index_for,
    inputs_of,
)
from dedupe.errors import InputError

if TYPE_CHECKING:
    from dedupe.cli.articles import Cleaned, Passed
    from dedupe.io.output import Outputs
    from dedupe.io.source import Reject, Source
    from dedupe.pipeline import Result

Write = Callable[[bytes], object]
Tell = Callable[["Cleaned"], object]

_HTML = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|div|span|a|br|li|ul|ol|h[1-6]|img|script|style|table|td|tr|section|article)\b[^<>]*>", re.IGNORECASE
)
_MANY_TAGS = 10
_HTML_HINT = "hint: {name} looks like HTML; dedupe cleans text: take it out of the page first, e.g. with trafilatura"


@ending
def clean(
    inputs: Inputs = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUT", help="The cleaned file; a folder for several inputs.")
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="FILE", help="Write the plans (.jsonl) or a unified diff (.diff) too."),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Print a unified diff instead of the text.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but write.")] = False,
    level: Level = None,
    select: Select = None,
    ignore: Ignore = None,
    mark: Annotated[bool, typer.Option("--mark", help="Keep the text and mark what would change.")] = False,
    format: InputFormat = None,
    text_field: TextField = None,
    id_field: IdField = None,
    encoding: Encoding = None,
    config: Config = None,
    index: SeenIndex = None,
    add: Add = False,
    drop: Drop = False,
    other_numbers: OtherNumbers = False,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace each file; keep it as NAME.orig.")] = False,
) -> int:
    """Clean articles, with a reason for each change.

    The text goes to OUT or standard output, a summary to standard error.
    """
    from dedupe.cli.articles import cleaned, dropped
    from dedupe.cli.seen import added_to
    from dedupe.io.chunks import Fields, Input
    from dedupe.io.output import Outputs
    from dedupe.io.source import opened
    from dedupe.report.summary import findings, show

    names, reports, output = inputs_of(inputs), report or [], None if output == "-" else output
    _check(names, output, in_place, silent=dry_run or diff or bool(reports))
    if mark and diff:
        raise InputError("--mark and --diff: choose one of them, each shows what would change")
    _check_index(names, index, add, drop, other_numbers, mark or dry_run, reports)
    printing = len(names) == 1 and not (output or in_place or diff or dry_run)
    would = dry_run or mark or not (printing or output or in_place)
    formats = set()
    fields = Fields(text_field, id_field, format, encoding)
    with (
        index_for(index, add) as seen,
        Outputs([*names, *([str(config)] if config else [])], dry_run) as outputs,
    ):
        cleaner = cleaner_for(level, select, ignore, config, seen)
        leave_out = partial(dropped, other_numbers=other_numbers) if drop else None
        run = _Run(_reports(outputs, reports), mark, would, not printing, leave_out)
        if diff:
            run.told.append(lambda done: _print(done.result.diff().encode("utf-8", "backslashreplace")))
        shared = _Rejects(outputs, f"{reports[0]}.rejects.jsonl" if reports else None, aloud=printing)
        for name in names:
            with opened(name, format, encoding) as source:
                write: Write = _print if printing else _nowhere
                rejects = shared
                place = name if in_place else _place(outputs, output, name, len(names) > 1)
                if place is not None:
                    write = _target(outputs, source, place, in_place)
                    rejects = _Rejects(outputs, f"{place}.rejects.jsonl", fresh=in_place)
                run.through(source, cleaned(source, cleaner, text_field, id_field), write, rejects)
                formats.add(source.format)
        told = added_to(seen, [Input(name) for name in names], fields)[0] if seen and add and not dry_run else ""
        run.progress.end()
    single = run.last if len(names) == 1 and "jsonl" not in formats else None
    if single is not None:
        show(findings(single, would), sys.stderr)
    else:
        show(run.tally.rules(), sys.stderr)
    show((*run.tally.notes(), run.tally.counts(records=single is None)), sys.stderr)
    if told:
        print(told, file=sys.stderr)
    if dry_run:
        print("dry run: nothing was written", file=sys.stderr)
    if single is not None and single.article.markup == "plain" and _is_html(single.article.text):
        print(_HTML_HINT.format(name=names[0]), file=sys.stderr)
    return UNREAD if run.tally.unread else DONE


class _Run:
    """Takes records from where they are read to where they go, and tells the reports and the tally."""

    def __init__(
        self, told: list[Tell], mark: bool, would: bool, progress: bool, leave_out: Callable[[Cleaned], bool] | None
    ) -> None:
        from dedupe.report.summary import Progress, Tally

        self.leave_out = leave_out
        self.told = told
        self.mark = mark
        self.tally = Tally(would)
        self.progress = Progress(sys.stderr, progress)
        self.last: Result | None = None

    def through(
        self, source: Source, records: Iterable[Cleaned | Passed | Reject], write: Write, rejects: _Rejects
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


class _Rejects:
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


def _check_index(
    names: list[str],
    index: str | None,
    add: bool,
    drop: bool,
    other_numbers: bool,
    keeps: bool,
    reports: list[str],
) -> None:
    if drop and not index:
        raise InputError("--drop needs --index INDEX: `dedupe duplicates --drop` compares articles with one another")
    if drop and keeps:
        raise InputError("--drop leaves articles out, and --mark and --dry-run keep them all: choose one")
    if drop and not any(".jsonl" in name for name in reports):
        raise InputError(
            "--drop needs --report FILE.jsonl: what is left out goes there whole, so that undo brings it back"
        )
    if other_numbers and not drop:
        raise InputError("--other-numbers goes with --drop: it drops also those whose numbers differ")
    if add and "-" in names:
        raise InputError("--add reads the articles again, which standard input does not allow: name a file")


def _check(names: list[str], output: str | None, in_place: bool, silent: bool) -> None:
    if in_place and output:
        raise InputError("-o and --in-place: choose one of them")
    if in_place and "-" in names:
        raise InputError("--in-place needs a file: standard input has no place; use -o OUT")
    if len(names) > 1 and not (output or in_place or silent):
        raise InputError("several inputs need -o FOLDER (or --in-place, or only --diff, --dry-run or --report)")


def _reports(outputs: Outputs, names: list[str]) -> list[Tell]:
    """What to do with each result so that the reports are written."""
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

    kinds = {".jsonl": plan_to, ".diff": diff_to}
    for name in names:
        if suffix_of(name) not in kinds:
            raise InputError(f"--report {name}: a report is a plan (.jsonl) or a unified diff (.diff), by its suffix")
    return [kinds[suffix_of(name)](outputs.open(name)) for name in names]


def _place(outputs: Outputs, output: str | None, name: str, several: bool) -> str | None:
    """The name of the cleaned file; None when there is none."""
    if output is None:
        return None
    if not several and not Path(output).is_dir():
        return output
    if name == "-":
        raise InputError(f"{output} is a folder, and standard input has no name: name a file in it")
    return str(outputs.folder(output) / Path(name).name)


def _target(outputs: Outputs, source: Source, place: str, in_place: bool) -> Write:
    from dedupe.io.source import check_output

    if in_place:
        if source.disguised:
            raise InputError(f"{place} is compressed, which its name hides: rename it to {place}.gz first")
        return outputs.replace(place).write
    check_output(place, source.format)
    return outputs.open(place).write


def _print(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _nowhere(data: bytes) -> None:
    """No output was asked for."""


def _is_html(text: str) -> bool:
    return _HTML.match(text) is not None or len(list(islice(_TAG.finditer(text), _MANY_TAGS))) == _MANY_TAGS
