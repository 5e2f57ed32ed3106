"""Add the articles of inputs to an index."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedupe.corpus.index import Index
    from dedupe.io.chunks import Input
    from dedupe.io.source import Reading
    from dedupe.report.summary import Tally


def added_to(
    index: Index, files: list[Input], reading: Reading, jobs: int | None = None, again: bool = False
) -> tuple[str, Tally]:
    """Add them all at once, but none of an input that cannot be read; what became of them in words, and the counts.

    InputError, and nothing is added, when none can be read, or `again` one that was read before.
    """
    from dedupe.cli.options import size_of, workers_for
    from dedupe.corpus.duplicates import find
    from dedupe.corpus.groups import keeper_order
    from dedupe.gather import gather
    from dedupe.report.duplicates import added
    from dedupe.report.progress import Progress

    with (
        tempfile.TemporaryDirectory(prefix="dedupe-") as folder,
        workers_for(jobs, files) as workers,
        Progress(sys.stderr, total=size_of(files)) as progress,
    ):
        collection, read = gather(files, reading, index.bands, Path(folder), workers, progress.step, with_lines=True)
        if again:
            read.unread.check()
        progress.phase("comparing and adding")
        order = keeper_order(collection)
        terms = index.terms()
        told = index.take(collection, find(collection, order, terms, workers), order, terms)
    return added(told), read.tally
