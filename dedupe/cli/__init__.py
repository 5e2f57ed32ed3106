"""The command line. Each command is a file; what it needs is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from dedupe._version import __version__
from dedupe.cli.allow import allow
from dedupe.cli.clean import clean
from dedupe.cli.duplicates import duplicates
from dedupe.cli.index import index
from dedupe.cli.review import review
from dedupe.cli.rules import rules
from dedupe.cli.scan import scan
from dedupe.cli.undo import undo

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)
for command in (clean, scan, review, undo, allow, duplicates, rules):
    app.command()(command)
app.add_typer(index)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dedupe {__version__}")
        raise typer.Exit


@app.callback()
def dedupe(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Clean scraped news articles of repeated sentences, captions and layout artefacts: each change with its reason.

    Exit codes: 0 done, 1 findings (scan), 2 wrong use, 3 some records or files could not be read, 130 stopped by
    Ctrl-C.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with these arguments, by default the program's own; the exit code."""
    try:
        app(arguments, prog_name="dedupe")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
