"""`dedupe clean`: articles in, cleaned articles and reports out."""

from __future__ import annotations

import io
import re
import sys
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from dedupe.cli.ending import DONE, UNREAD, ending
from dedupe.cli.options import (
    Add,
    Config,
    Decisions,
    Drop,
    Encoding,
    IdField,
    Ignore,
    InputFormat,
    Inputs,
    Jobs,
    Level,
    OtherNumbers,
    SeenIndex,
    Select,
    TextField,
    cleaner_for,
    index_for,
    inputs_of,
    reading_of,
    size_of,
    workers_for,
)
from dedupe.cli.writing import Rejects, Reports, Run, kinds_of, target, title
from dedupe.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedupe.cleaning import Done
    from dedupe.io.output import Outputs
    from dedupe.io.places import Place
    from dedupe.io.source import Source

_HTML = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|div|span|a|br|li|ul|ol|h[1-6]|img|script|style|table|td|tr|section|article)\b[^<>]*>", re.IGNORECASE
)
_MANY_TAGS = 10
_HTML_HINT = "hint: {name} looks like HTML; call it .html, or say --format html, to clean its article"


@ending
def clean(
    inputs: Inputs = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUT", help="The cleaned file; a folder for several inputs.")
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option(
            "--report", metavar="FILE", help="Write the plans (.jsonl), a page (.html) or a diff (.diff) too."
        ),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Print a unified diff instead of the text.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but write.")] = False,
    level: Level = None,
    select: Select = None,
    ignore: Ignore = None,
    decisions: Decisions = None,
    mark: Annotated[bool, typer.Option("--mark", help="Keep the text and mark what would change.")] = False,
    jobs: Jobs = None,
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
    from dedupe.cleaning import CHUNK, Stream, Wanted, cleaner_of
    from dedupe.cli.seen import added_to
    from dedupe.config import load
    from dedupe.io.chunks import Input, Unreadable
    from dedupe.io.output import Outputs
    from dedupe.report.progress import Progress
    from dedupe.report.summary import findings, show

    found, wanted, output = inputs_of(inputs, output, format), report or [], None if output == "-" else output
    names = [place.name for place in found.found]
    several = found.many or len(names) > 1
    _check(names, several, output, in_place, silent=dry_run or diff or bool(wanted))
    if mark and diff:
        raise InputError("--mark and --diff: choose one of them, each shows what would change")
    _check_index(names, index, add, drop, other_numbers, mark or dry_run, wanted)
    printing = not (several or output or in_place or diff or dry_run)
    would = dry_run or mark or not (printing or output or in_place)
    configuration = load(explicit=config)
    reading = reading_of(text_field, id_field, format, encoding, configuration)
    files, kinds = [Input(name) for name in names], kinds_of(wanted)
    asked = Wanted(mark, would, drop, other_numbers, bool(kinds.plans), bool(kinds.diffs) or diff, bool(kinds.pages))
    whole, added = True, ""
    with (
        index_for(index, add) as seen,
        Outputs([*names, *(str(file) for file in (config, decisions) if file)], dry_run) as outputs,
    ):
        cleaner = cleaner_for(level, select, ignore, configuration, seen, decisions)
        prepare = partial(cleaner_of, cleaner.policy, index, cleaner.decisions)
        reports = Reports(outputs, kinds, title(names), _print if diff else None)
        shared = Rejects(outputs, f"{wanted[0]}.rejects.jsonl" if wanted else None, aloud=printing)
        with (
            workers_for(jobs, files, prepare, cleaner) as workers,
            Progress(sys.stderr, not (printing or diff), size_of(files)) as progress,
        ):
            run = Run(reports, cleaner.decisions, progress, would)
            goes = _Goes(outputs, shared, output, format, several, in_place, printing, mark, drop)
            stream = Stream(names, reading, 1 if "-" in names and workers.jobs == 1 else CHUNK)
            unread = Unreadable(names, run.tally)
            for number, chunks in groupby(stream.cleaned(workers, asked), key=lambda done: done.input):
                place, articles = found.found[number], run.tally.articles
                try:
                    whole = _through(run, goes, place, stream.sources.get(number), chunks) and whole
                except OutputError:
                    raise
                except InputError as error:
                    if run.tally.articles > articles:
                        raise
                    unread.add(number, error)
            reports.finish()
        if seen and add and not dry_run:
            files = [file for number, file in enumerate(files) if number not in unread]
            added, _ = added_to(seen, files, reading, again=True)
    single = run.last if whole and not several else None
    if single is not None:
        show(findings(single, would), sys.stderr)
    else:
        show(run.tally.rules(), sys.stderr)
    show((*run.notes(), run.tally.counts(records=single is None)), sys.stderr)
    if found.left:
        print(f"{found.left:,} file{'s' * (found.left != 1)} of other kinds left out", file=sys.stderr)
    if added:
        print(added, file=sys.stderr)
    if dry_run:
        print("dry run: nothing was written", file=sys.stderr)
    if single is not None and single.article.markup == "plain" and _is_html(single.article.text):
        print(_HTML_HINT.format(name=names[0]), file=sys.stderr)
    return UNREAD if run.tally.unread else DONE


class _Goes(NamedTuple):
    """Where the cleaned inputs of a run go, and in what manner."""

    outputs: Outputs
    shared: Rejects
    output: str | None
    format: str | None
    several: bool
    in_place: bool
    printing: bool
    mark: bool
    drop: bool


def _through(run: Run, goes: _Goes, place: Place, source: Source | None, chunks: Iterator[Done]) -> bool:
    """Write what became of one input; is it one article as a whole? OutputError when it cannot be written.

    InputError when it cannot be read; then nothing is written for it.
    """
    if source is None:
        raise next(chunks).error or InputError(f"{place.name} cannot be read")
    kind = source.format
    if kind.written == "parquet":
        _check_parquet(place.name, goes.printing, goes.drop)
    name = place.name if goes.in_place else _goes_to(goes.outputs, goes.output, place, goes.format, goes.several)
    file = target(goes.outputs, source, name, goes.in_place) if name else None
    rejects = Rejects(goes.outputs, f"{name}.rejects.jsonl", fresh=goes.in_place) if name else goes.shared
    is_article = False
    try:
        sink = kind.sink(file or _Printed(), goes.mark) if file or goes.printing else None
        is_article = run.through(source, chunks, sink, rejects)
    finally:
        if file:
            file.close()
            rejects.close()
            if not is_article:
                goes.outputs.withdraw(file)
                rejects.withdraw()
    return kind.whole


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


def _check(names: list[str], several: bool, output: str | None, in_place: bool, silent: bool) -> None:
    from dedupe.io.places import is_address

    if in_place and output:
        raise InputError("-o and --in-place: choose one of them")
    if in_place and ("-" in names or any(map(is_address, names))):
        raise InputError("--in-place needs files here: for standard input and addresses use -o OUT")
    if several and not (output or in_place or silent):
        raise InputError("several inputs need -o FOLDER (or --in-place, or only --diff, --dry-run or --report)")


def _check_parquet(name: str, printing: bool, drop: bool) -> None:
    if printing:
        raise OutputError(f"{name}: Parquet is nothing to print: write it with -o OUT.parquet, or only --diff")
    if drop:
        raise OutputError(
            f"{name}: --drop cannot leave out rows of a Parquet file: clean it without, and take out those whose plan "
            "has DUP001 or DUP002"
        )


def _goes_to(outputs: Outputs, output: str | None, place: Place, format: str | None, several: bool) -> str | None:
    """The name of the cleaned file; None when there is none."""
    if output is None:
        return None
    if not several and not Path(output).is_dir():
        return output
    if place.name == "-":
        raise InputError(f"{output} is a folder, and standard input has no name: name a file in it")
    return outputs.inside(output, place.output(format))


def _print(data: bytes) -> None:
    from dedupe.parallel import uninterrupted

    with uninterrupted():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


class _Printed(io.BytesIO):
    """Standard output, where each piece appears at once."""

    def write(self, data: Any) -> int:
        _print(data)
        return len(data)


def _is_html(text: str) -> bool:
    return _HTML.match(text) is not None or len(list(islice(_TAG.finditer(text), _MANY_TAGS))) == _MANY_TAGS
