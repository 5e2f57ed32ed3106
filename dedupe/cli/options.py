"""Options that several commands share, and what they mean together with the configuration."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dedupe.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedupe.config import Configuration
    from dedupe.corpus.index import Index
    from dedupe.io.chunks import Input
    from dedupe.io.places import Places
    from dedupe.io.source import Reading
    from dedupe.parallel import Workers
    from dedupe.pipeline import Cleaner

Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT", help="Files, folders, patterns or addresses; or - for standard input.", show_default=False
    ),
]
Level = Annotated[
    str | None, typer.Option("--level", metavar="LEVEL", help="How sure to be: safe, standard (default) or strict.")
]
Select = Annotated[
    list[str] | None, typer.Option("--select", metavar="CODES", help="Only these rules: codes, prefixes or names.")
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="CODES", help="Not these rules.")]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="This configuration instead of the nearest dedupe.toml.")
]
Decisions = Annotated[
    Path | None,
    typer.Option("--decisions", metavar="FILE", help="What a person accepted or rejected, from the HTML report."),
]
TextField = Annotated[
    str | None, typer.Option("--text-field", metavar="NAME", help="The field or column that holds the text.")
]
IdField = Annotated[
    str | None, typer.Option("--id-field", metavar="NAME", help="The field or column that holds the id.")
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="The encoding, where it is not UTF-8 or UTF-16 with BOM."),
]
InputFormat = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="Read the input as txt, md, jsonl, json, csv …, whatever its name."
    ),
]

Jobs = Annotated[
    int | None, typer.Option("--jobs", metavar="N", help="Worker processes; for more than a few MB all cores.")
]
Keep = Annotated[str, typer.Option("--keep", metavar="ORDER", help="Which copy stays: earliest, longest or first.")]
Prefer = Annotated[
    list[str] | None, typer.Option("--prefer", metavar="SITES", help="Copies of these sites stay before others.")
]
Drop = Annotated[bool, typer.Option("--drop", help="Leave duplicates out, but none whose numbers differ.")]
OtherNumbers = Annotated[
    bool, typer.Option("--other-numbers", help="Drop also those whose numbers differ: weather, results, prices.")
]
SeenIndex = Annotated[str | None, typer.Option("--index", metavar="INDEX", help="Compare with what an index has seen.")]
Add = Annotated[bool, typer.Option("--add", help="Then add the articles to INDEX, which is made if need be.")]
_SMALL = 4 << 20


def inputs_of(given: list[str] | None, output: str | None = None, format: str | None = None) -> Places:
    """The inputs, by default standard input; in folders not what `output` holds.

    InputError when there is none, when standard input is a terminal, or is mixed with files.
    """
    from dedupe.io.places import places

    if not given and sys.stdin.isatty():
        raise InputError("no input: name files, or - to type or paste an article")
    given = given or ["-"]
    if "-" in given and len(given) > 1:
        raise InputError("- (standard input) stands alone: clean the files in a run of their own")
    return places(given, output, format)


def reading_of(
    text_field: str | None, id_field: str | None, format: str | None, encoding: str | None, config: Configuration
) -> Reading:
    """How inputs are read: what the command line says counts more than the configuration."""
    from dedupe.io.record import Fields
    from dedupe.io.source import Reading

    named = {"text": text_field, "id": id_field}
    fields = config.fields | {part: name for part, name in named.items() if name}
    return Reading(Fields(**fields), format, encoding)


def cleaner_for(
    level: str | None,
    select: list[str] | None,
    ignore: list[str] | None,
    config: Configuration,
    index: Index | None = None,
    decisions: Path | None = None,
) -> Cleaner:
    """The cleaner that the configuration asks for; what the command line says counts more, and a person's decisions."""
    from dedupe.decisions import read
    from dedupe.pipeline import Cleaner

    settings = dict(config.settings)
    if level is not None:
        settings["level"] = level
    for name, values in (("select", select), ("ignore", ignore)):
        if values:
            settings[name] = listed(values)
    return Cleaner(index=index, decisions=read(decisions) if decisions else None, **settings)


def listed(values: list[str] | None) -> list[str]:
    """The values of an option that may be given several times, each with several values between commas."""
    return [name.strip() for value in values or [] for name in value.split(",") if name.strip()]


def workers_for(
    jobs: int | None, files: list[Input], prepare: Callable[[], Any] | None = None, own: Any = None
) -> Workers[Any]:
    """As many processes as are wanted, by default one for small inputs and one a core for others."""
    from dedupe.parallel import Workers, cores, nothing

    if jobs is not None and jobs < 1:
        raise InputError(f"--jobs must be at least 1, not {jobs}")
    return Workers(jobs or (1 if (size_of(files) or 0) < _SMALL else cores()), prepare or nothing, own)


def size_of(files: list[Input]) -> int | None:
    """The bytes of the inputs as they are stored; None where that is not known."""
    paths = [Path(copy or name) for name, copy in files]
    try:
        return sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None
    except OSError:
        return None


def index_for(address: str | None, add: bool) -> AbstractContextManager[Index | None]:
    """The index that is named, made where it is missing and is to be added to; None without a name."""
    if address is None:
        if add:
            raise InputError("--add needs --index INDEX: a file name, or redis://host:port/db?name=NAME")
        return nullcontext()
    from dedupe.corpus.index import Index

    return Index(address, create=add)
