"""`dedupe undo`: the original back from the cleaned file and its plan."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from dedupe.cli.ending import DONE, ending
from dedupe.cli.options import Encoding, InputFormat, reading_of
from dedupe.errors import InputError, UndoError

if TYPE_CHECKING:
    from dedupe.io.output import Outputs
    from dedupe.io.places import Place
    from dedupe.io.restore import Planned
    from dedupe.io.source import Reading, Source


@ending
def undo(
    cleaned: Annotated[
        str, typer.Argument(metavar="CLEANED", help="What `clean` wrote, a file or a folder, or - for standard input.")
    ],
    report: Annotated[str, typer.Option("--report", metavar="PLAN", help="The plan of that run (.jsonl).")],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="OUT", help="Where the original goes; a folder for a folder."),
    ] = None,
    format: InputFormat = None,
    encoding: Encoding = None,
) -> int:
    """Bring back the exact original from a cleaned file, or a folder of them, and the plan.

    A text that was edited since is refused, and then nothing is written. Lines that had been rejected come back too,
    from CLEANED.rejects.jsonl or PLAN.rejects.jsonl.
    """
    from dedupe.config import load
    from dedupe.io.places import places

    output = None if output == "-" else output
    found = places([cleaned], output, format)
    named = _named(report)
    reading = reading_of(None, None, format, encoding, load())
    if found.many:
        if output is None:
            raise InputError(f"{cleaned} holds several files: say with -o FOLDER where the originals go")
        told = _folder(cleaned, found.found, report, named, output, reading)
    else:
        told = _file(cleaned, report, named, output, reading)
    print(told, file=sys.stderr)
    return DONE


def _named(report: str) -> dict[str, set[str]]:
    """The sources of a plan, and the fields that held their texts."""
    from dedupe.io.record import TEXT_FIELDS
    from dedupe.io.restore import planned

    named: dict[str, set[str]] = {}
    for plan, entry in planned(report):
        named.setdefault(plan.source, set()).add(str(entry.get("field", TEXT_FIELDS[0])))
    return named


def _file(
    cleaned: str,
    report: str,
    named: dict[str, set[str]],
    output: str | None,
    reading: Reading,
) -> str:
    """Restore one file; what was done, in words."""
    import tempfile

    from dedupe.io.output import Outputs
    from dedupe.io.restore import planned, source_for

    name = source_for(cleaned, named)
    beside = [place for place in (f"{cleaned}.rejects.jsonl", f"{report}.rejects.jsonl") if Path(place).is_file()]
    with Outputs([cleaned, report, *beside]) as outputs, tempfile.TemporaryFile() as whole:

        def target(source: Source) -> AbstractContextManager[IO[bytes]]:
            if output is None and source.format.written == "parquet":
                raise InputError(f"{cleaned}: Parquet is nothing to print: write it with -o OUT.parquet")
            return nullcontext(whole) if output is None else _opened(outputs, output, source)

        own = _own(reading, named.get(name or "", set()))
        count = _restore(cleaned, name, own, planned(report, name), beside[:1], target)
        if output is None:
            whole.seek(0)
            shutil.copyfileobj(whole, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    if count:
        return f"{count:,} record{'s' * (count != 1)} restored to {output or 'standard output'}"
    original = f"{cleaned}.orig"
    hint = f"; {original} is the original" if Path(original).is_file() else ""
    return f"nothing to undo: {cleaned} holds no change of this plan{hint}"


def _folder(
    cleaned: str,
    found: list[Place],
    report: str,
    named: dict[str, set[str]],
    output: str,
    reading: Reading,
) -> str:
    """Restore every file that the plan names; what was done, in words. UndoError when one cannot be restored."""
    from dedupe.io.output import Outputs
    from dedupe.io.restore import Origins, planned

    origins = Origins(named)
    places = {source: place for place in found if (source := origins.ending(place.inside))}
    missing = [source for source in named if source not in places]
    if missing:
        raise UndoError(
            f"{len(missing):,} of the plan's {len(named):,} files are not in {cleaned}, {missing[0]} for one: "
            "undo what is there file by file, or name the folder that `clean` wrote"
        )
    count = 0
    with Outputs([report, *(place.name for place in found)]) as outputs:
        for name, plans in groupby(planned(report), key=lambda planned: planned[0].source):
            place = places[name]
            beside = [file for file in [f"{place.name}.rejects.jsonl"] if Path(file).is_file()]
            target = partial(_opened, outputs, outputs.inside(output, place.inside))
            count += _restore(place.name, name, _own(reading, named[name]), plans, beside, target)
    others = len(found) - len(places)
    left = f"; {others:,} file{'s' * (others != 1)} that the plan does not name left out" if others else ""
    files = f"{len(places):,} file{'s' * (len(places) != 1)}"
    return f"{count:,} record{'s' * (count != 1)} of {files} restored to {output}{left}"


def _own(reading: Reading, fields: set[str]) -> Reading:
    """How a cleaned file is read whose texts stood in these fields."""
    if len(fields) != 1:
        return reading
    return reading._replace(fields=reading.fields._replace(text=next(iter(fields))))


def _opened(outputs: Outputs, name: str, source: Source) -> IO[bytes]:
    from dedupe.io.format import check_output

    check_output(name, source.format.written)
    return outputs.open(name)


def _restore(
    cleaned: str,
    name: str | None,
    reading: Reading,
    plans: Iterator[Planned],
    beside: list[str],
    target: Callable[[Source], AbstractContextManager[IO[bytes]]],
) -> int:
    """Write the original of a cleaned file; how many of its records differed."""
    from dedupe.io.restore import rejected, restored
    from dedupe.io.source import opened

    rejects = rejected(beside[0], name) if beside else {}
    with opened(cleaned, reading) as source, target(source) as file:
        sink = source.format.sink(file)
        count = 0
        for part, brought_back in restored(source, plans, rejects):
            sink.write(part)
            count += brought_back
        sink.finish()
    return count
