"""`dedupe duplicates`: the same story in many articles."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dedupe.cli.ending import DONE, UNREAD, ending
from dedupe.cli.options import (
    Add,
    Drop,
    Encoding,
    IdField,
    InputFormat,
    Inputs,
    Jobs,
    Keep,
    OtherNumbers,
    Prefer,
    SeenIndex,
    TextField,
    index_for,
    inputs_of,
    listed,
    reading_of,
    size_of,
    workers_for,
)
from dedupe.errors import InputError, nearest

if TYPE_CHECKING:
    from dedupe.corpus.cluster import Membership
    from dedupe.corpus.groups import Keep as Order
    from dedupe.gather import Read
    from dedupe.io.source import Reading

_MARK = "duplicate_of"
_NO_PLACE = "other formats have no place for duplicate_of, or one end that files cannot share"


@ending
def duplicates(
    inputs: Inputs = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="GROUPS", help="The groups (.jsonl), else standard output.")
    ] = None,
    pairs: Annotated[str | None, typer.Option("--pairs", metavar="PAIRS", help="Every pair (.jsonl) too.")] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", metavar="J", help="The Jaccard similarity of near-duplicates.")
    ] = 0.8,
    containment: Annotated[
        float, typer.Option("--containment", metavar="C", help="The share that must stand in the longer article.")
    ] = 0.8,
    passage: Annotated[
        int, typer.Option("--passage", metavar="N", help="The least shingles of a contained article.")
    ] = 50,
    keep: Keep = "earliest",
    prefer: Prefer = None,
    articles: Annotated[
        str | None,
        typer.Option("--articles", metavar="OUT", help="The articles again, duplicates marked with duplicate_of."),
    ] = None,
    drop: Drop = False,
    other_numbers: OtherNumbers = False,
    index: SeenIndex = None,
    add: Add = False,
    jobs: Jobs = None,
    format: InputFormat = None,
    text_field: TextField = None,
    id_field: IdField = None,
    encoding: Encoding = None,
) -> int:
    """Find the same story in many articles, prove each pair, and choose the copy that stays.

    Groups go to GROUPS or standard output, a summary to standard error. Nothing is changed or left out unless OUT is
    named and --drop is given.
    """
    from dedupe.config import load
    from dedupe.corpus.bands import bands_for
    from dedupe.corpus.duplicates import all_pairs, find
    from dedupe.corpus.groups import Known, groups, keeper_order, ordered
    from dedupe.corpus.verify import Terms
    from dedupe.gather import gather, passages
    from dedupe.io.chunks import readable_twice
    from dedupe.io.output import Outputs
    from dedupe.report.duplicates import added, group_line, pair_line, summary
    from dedupe.report.plan import dump
    from dedupe.report.progress import Progress
    from dedupe.report.summary import show

    names = [place.name for place in inputs_of(inputs, articles, format).found]
    _check(threshold, containment, passage, keep, bool(articles), drop, other_numbers)
    terms = Terms(threshold, containment, passage)
    reading = reading_of(text_field, id_field, format, encoding, load())
    with (
        Outputs(names) as outputs,
        readable_twice(names) as files,
        tempfile.TemporaryDirectory(prefix="dedupe-") as folder,
        workers_for(jobs, files) as workers,
        index_for(index, add) as seen,
        Progress(sys.stderr, total=size_of(files)) as progress,
    ):
        if seen:
            seen.check(threshold)
        group_file = outputs.open(output) if output else sys.stdout.buffer
        pair_file = outputs.open(pairs) if pairs else None
        bands = seen.bands if seen else bands_for(threshold)
        collection, read = gather(files, reading, bands, Path(folder), workers, progress.step, add)
        order = keeper_order(collection, cast("Order", keep), listed(prefer))
        progress.phase("comparing")
        found = find(collection, order, terms, workers)
        known = seen.known(collection, terms) if seen else Known(len(collection), {})
        chosen = groups(found, order, known)
        name = partial(known.name, collection)
        if pair_file:
            every = list(ordered(chain(all_pairs(found, collection), known.edges), known.order(order)))
            spans = passages(every, collection, read, reading)
            for edge in every:
                pair_file.write(dump(pair_line(edge, name, collection.agencies, spans.get((edge.a, edge.b)))))
        for group in chosen:
            group_file.write(dump(group_line(group, name)))
        dropped = 0
        if articles:
            if read.formats - {"jsonl"}:
                raise InputError(f"--articles needs .jsonl: {_NO_PLACE}")
            kept, left_out = outputs.open(articles), outputs.open(f"{articles}.dropped.jsonl") if drop else None
            members = {article: member for group in chosen for article, member in group.members}
            for raw, gone in _marked(members, name, read, reading, drop, other_numbers):
                (left_out if left_out and gone else kept).write(raw)
                dropped += gone
        if seen and add:
            progress.phase("adding")
            told = seen.take(collection, found, order, terms)
    others = {
        "without text": read.tally.without_text,
        "rejected": read.tally.rejected,
        "with an id that another has, named with their line": read.doubled,
        "left out": dropped,
    }
    print(summary(len(collection), chosen, others), file=sys.stderr)
    show(read.tally.notes(), sys.stderr)
    if seen and add:
        print(added(told), file=sys.stderr)
    return UNREAD if read.tally.unread else DONE


def _marked(
    members: Mapping[int, Membership],
    name: Callable[[int], str],
    read: Read,
    reading: Reading,
    drop: bool,
    other_numbers: bool,
) -> Iterator[tuple[bytes, bool]]:
    """The lines of the inputs, duplicates with their mark, and whether each is to be left out."""
    from dedupe.corpus.verify import Kind
    from dedupe.gather import read_again
    from dedupe.io.formats.jsonl import JsonRecord
    from dedupe.report.duplicates import mark

    for raw, article, record in read_again(read, reading, set(members)):
        if not isinstance(record, JsonRecord):
            yield raw, False
            continue
        member = members[article]
        likeness = member.likeness
        droppable = likeness.kind is not Kind.CONTAINED and (other_numbers or not likeness.numbers_differ)
        yield record.with_field(_MARK, mark(member, name)), drop and droppable


def _check(
    threshold: float,
    containment: float,
    passage: int,
    keep: str,
    articles: bool,
    drop: bool,
    other_numbers: bool,
) -> None:
    from dedupe.corpus.groups import KEEPS

    for option, value in (("--threshold", threshold), ("--containment", containment)):
        if not 0.2 <= value <= 1:
            raise InputError(f"{option} must be from 0.2 to 1, not {value:g}")
    if passage < 1:
        raise InputError(f"--passage must be at least 1, not {passage}")
    if keep not in KEEPS:
        raise InputError(f"unknown order {keep!r}{nearest(keep, KEEPS)}; choose from {', '.join(KEEPS)}")
    if drop and not articles:
        raise InputError("--drop needs --articles OUT: the file for the articles that stay")
    if other_numbers and not drop:
        raise InputError("--other-numbers goes with --drop: it drops also those whose numbers differ")
