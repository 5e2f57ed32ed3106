"""Options that several commands share, and what they mean together with the configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dedupe.errors import InputError

if TYPE_CHECKING:
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


def inputs_of(given: list[str] | None) -> list[str]:
    """The inputs, by default standard input. InputError when that is a terminal, or is mixed with files."""
    if not given:
        if sys.stdin.isatty():
            raise InputError("no input: name files, or - to type or paste an article")
        return ["-"]
    if "-" in given and len(given) > 1:
        raise InputError("- (standard input) stands alone: clean the files in a run of their own")
    return given


def cleaner_for(level: str | None, select: list[str] | None, ignore: list[str] | None, config: Path | None) -> Cleaner:
    """The cleaner that the configuration asks for; what the command line says counts more."""
    from dedupe.config import load
    from dedupe.pipeline import Cleaner

    settings = load(explicit=config)
    if level is not None:
        settings["level"] = level
    for name, values in (("select", select), ("ignore", ignore)):
        if values:
            settings[name] = [code.strip() for value in values for code in value.split(",") if code.strip()]
    return Cleaner(**settings)
