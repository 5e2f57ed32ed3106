"""`dedupe undo`: the original back from the cleaned file and its plan."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from dedupe.cli.ending import DONE, ending
from dedupe.cli.options import Encoding, InputFormat, reading_of


@ending
def undo(
    cleaned: Annotated[str, typer.Argument(metavar="CLEANED", help="What `clean` wrote, or - for standard input.")],
    report: Annotated[str, typer.Option("--report", metavar="PLAN", help="The plan of that run (.jsonl).")],
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUT", help="Where the original goes; else standard output.")
    ] = None,
    format: InputFormat = None,
    encoding: Encoding = None,
) -> int:
    """Bring back the exact original from a cleaned file and its plan.

    A text that was edited since is refused, and then nothing is written. Lines that had been rejected come back too,
    from CLEANED.rejects.jsonl or PLAN.rejects.jsonl.
    """
    import tempfile

    from dedupe.io.format import check_output
    from dedupe.io.output import Outputs
    from dedupe.io.restore import planned, rejected, restored, source_for
    from dedupe.io.source import opened

    output = None if output == "-" else output
    name = source_for(cleaned, (plan.source for plan, _ in planned(report)))
    beside = [place for place in (f"{cleaned}.rejects.jsonl", f"{report}.rejects.jsonl") if Path(place).is_file()]
    rejects = rejected(beside[0], name) if beside else {}
    with (
        opened(cleaned, reading_of(None, None, format, encoding)) as source,
        Outputs([cleaned, report, *beside]) as outputs,
        tempfile.TemporaryFile() as whole,
    ):
        if output is not None:
            check_output(output, source.format.written)
        target = sys.stdout.buffer if output is None else outputs.open(output)
        sink = source.format.sink(whole)
        count = 0
        for part, brought_back in restored(source, planned(report, name), rejects):
            sink.write(part)
            count += brought_back
        sink.finish()
        whole.seek(0)
        shutil.copyfileobj(whole, target)
        target.flush()
    print(_told(cleaned, output, count), file=sys.stderr)
    return DONE


def _told(cleaned: str, output: str | None, count: int) -> str:
    """What was done, in a line."""
    if count:
        return f"{count:,} record{'s' * (count != 1)} restored to {output or 'standard output'}"
    original = f"{cleaned}.orig"
    hint = f"; {original} is the original" if Path(original).is_file() else ""
    return f"nothing to undo: {cleaned} holds no change of this plan{hint}"
