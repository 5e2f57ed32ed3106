"""Options that several commands share, and what they mean together with the configuration."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dedupe.errors import InputError

if TYPE_CHECKING:
    from dedupe.corpus.index import Index
    from dedupe.io.chunks import Input
    from dedupe.parallel import Workers
    from dedupe.pipeline import Cleaner

Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT", help="Files (.txt, .md, .jsonl, also .gz), or - for standard input.", show_default=False
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
    str | None, typer.Option("--text-field", metavar="NAME", help="The JSONL field that holds the text.")
]
IdField = Annotated[str | None, typer.Option("--id-field", metavar="NAME", help="The JSONL field that holds the id.")]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="The encoding, where it is not UTF-8 or UTF-16 with BOM."),
]
InputFormat = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="Read the input as txt, md or jsonl, whatever its name."),
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


def inputs_of(given: list[str] | None) -> list[str]:
    """The inputs, by default standard input. InputError when that is a terminal, or is mixed with files."""
    if not given:
        if sys.stdin.isatty():
            raise InputError("no input: name files, or - to type or paste an article")
        return ["-"]
    if "-" in given and len(given) > 1:
        raise InputError("- (standard input) stands alone: clean the files in a run of their own")
    return given


def cleaner_for(
    level: str | None,
    select: list[str] | None,
    ignore: list[str] | None,
    config: Path | None,
    index: Index | None = None,
    decisions: Path | None = None,
) -> Cleaner:
    """The cleaner that the configuration asks for; what the command line says counts more, and a person's decisions."""
    from dedupe.config import load
    from dedupe.decisions import read
    from dedupe.pipeline import Cleaner

    settings = load(explicit=config)
    if level is not None:
        settings["level"] = level
    for name, values in (("select", select), ("ignore", ignore)):
        if values:
            settings[name] = listed(values)
    return Cleaner(index=index, decisions=read(decisions) if decisions else None, **settings)


def listed(values: list[str] | None) -> list[str]:
    """The values of an option that may be given several times, each with several values between commas."""
    return [name.strip() for value in values or [] for name in value.split(",") if name.strip()]


def workers_for(jobs: int | None, files: list[Input]) -> Workers:
    """As many processes as are wanted, by default one for a small input and one a core for others."""
    from dedupe.parallel import Workers, cores

    if jobs is not None and jobs < 1:
        raise InputError(f"--jobs must be at least 1, not {jobs}")
    return Workers(jobs or (1 if _bytes(files) < _SMALL else cores()))


def size_of(files: list[Input]) -> int | None:
    """The bytes of the inputs' lines; None where some are compressed, and nobody knows yet."""
    return None if any(name.lower().endswith(".gz") for name, _ in files) else _bytes(files)


def _bytes(files: list[Input]) -> int:
    paths = [Path(copy or name) for name, copy in files]
    return sum(path.stat().st_size for path in paths if path.is_file())


def index_for(address: str | None, add: bool) -> AbstractContextManager[Index | None]:
    """The index that is named, made where it is missing and is to be added to; None without a name."""
    if address is None:
        if add:
            raise InputError("--add needs --index INDEX: a file name, or redis://host:port/db?name=NAME")
        return nullcontext()
    from dedupe.corpus.index import Index

    return Index(address, create=add)
