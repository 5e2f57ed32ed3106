"""`dedupe index`: what has been seen, for later runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dedupe.cli.ending import DONE, UNREAD, ending
from dedupe.cli.options import (
    Encoding,
    IdField,
    InputFormat,
    Jobs,
    Keep,
    Prefer,
    TextField,
    inputs_of,
    listed,
    reading_of,
)
from dedupe.errors import InputError, nearest

if TYPE_CHECKING:
    from dedupe.corpus.index import Index

index = typer.Typer(
    name="index",
    rich_markup_mode=None,
    no_args_is_help=True,
    help="What has been seen: add, info, remove, merge, rebuild.",
)
Address = Annotated[
    str, typer.Argument(metavar="INDEX", help="A file, or redis://host:port/db?name=NAME.", show_default=False)
]


@index.command()
@ending
def add(
    address: Address,
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT", help="Files, or - for standard input.")],
    floor: Annotated[
        float | None, typer.Option("--floor", metavar="J", help="The least similarity to ask a new index for; 0.7.")
    ] = None,
    jobs: Jobs = None,
    format: InputFormat = None,
    text_field: TextField = None,
    id_field: IdField = None,
    encoding: Encoding = None,
) -> int:
    """Remember articles; the index is made if need be. What is there already, with the same text, changes nothing."""
    from dedupe.cli.seen import added_to
    from dedupe.config import load
    from dedupe.io.chunks import readable_twice
    from dedupe.report.summary import show

    reading = reading_of(text_field, id_field, format, encoding, load())
    names = [place.name for place in inputs_of(inputs, format=format).found]
    with readable_twice(names) as files, _opened(address, create=True, floor=floor) as seen:
        told, tally = added_to(seen, files, reading, jobs)
    show(tally.notes(), sys.stderr)
    print(told, file=sys.stderr)
    return UNREAD if tally.unread else DONE


@index.command()
@ending
def info(address: Address) -> int:
    """Say what an index holds, and how it was made."""
    with _opened(address) as seen:
        for name, value in seen.info().items():
            print(f"{name:<10} {value:,}" if isinstance(value, int) else f"{name:<10} {value:g}")
    return DONE


@index.command()
@ending
def remove(address: Address, ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids of articles.")]) -> int:
    """Forget articles. The duplicates of one that was a keeper become keepers; `rebuild` decides anew."""
    with _opened(address) as seen:
        gone = seen.remove(ids)
    print(f"{gone:,} of {len(ids):,} removed", file=sys.stderr)
    return DONE


@index.command()
@ending
def merge(
    address: Address, others: Annotated[list[str], typer.Argument(metavar="OTHER", help="Other indexes.")]
) -> int:
    """Take over all articles of other indexes, which stay as they are."""
    from dedupe.report.duplicates import added

    with _opened(address) as seen:
        for other in others:
            with _opened(other) as given:
                print(f"{other}: {added(seen.merge(given))}", file=sys.stderr)
    return DONE


@index.command()
@ending
def rebuild(address: Address, keep: Keep = "earliest", prefer: Prefer = None) -> int:
    """Decide anew which copies stay, as if all articles had come at once."""
    from dedupe.corpus.groups import KEEPS

    if keep not in KEEPS or keep == "first":
        raise InputError(f"unknown order {keep!r}{nearest(keep, KEEPS)}; choose from earliest, longest")
    with _opened(address) as seen:
        keepers = seen.rebuild(keep, listed(prefer))
    print(f"{keepers:,} keepers", file=sys.stderr)
    return DONE


def _opened(address: str, create: bool = False, floor: float | None = None) -> Index:
    from dedupe.corpus.index import Index

    return Index(address, create, floor)
