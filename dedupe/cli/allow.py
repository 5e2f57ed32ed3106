"""`dedupe allow`: what a person rejected becomes an allowed wording, for good."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dedupe.cli.ending import DONE, ending
from dedupe.cli.options import Config

_SHOWN = 20


@ending
def allow(
    decisions: Annotated[str, typer.Argument(metavar="DECISIONS", help="Decisions from the HTML report or a review.")],
    config: Config = None,
) -> int:
    """Add the texts of rejected findings to `allow` in the configuration, so that they are never touched again.

    It is the nearest configuration file, else a new dedupe.toml here. A wording counts wherever it stands in a finding.
    """
    from dedupe.allow import added, allowed_in, sort
    from dedupe.config import nearest_file
    from dedupe.decisions import read
    from dedupe.errors import InputError
    from dedupe.io.output import Outputs
    from dedupe.report.position import clip

    verdicts = read(decisions)
    rejected = [verdict.text for verdict in verdicts.numbered if verdict.verdict == "reject"]
    path = config or nearest_file() or Path("dedupe.toml")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no ordinary file: name a configuration file")
    raw = path.read_bytes() if path.exists() else b""
    wordings = sort(dict.fromkeys(rejected), allowed_in(path, raw))
    if wordings.new:
        written = added(path, raw, wordings.new)
        with Outputs([decisions]) as outputs:
            outputs.open(path).write(written)
    for wording in wordings.new[:_SHOWN]:
        print(f"added to {path}: “{clip(wording)}”", file=sys.stderr)
    for wording in wordings.impossible[:_SHOWN]:
        print(f"not possible: “{clip(wording)}” has no word that a configuration can hold", file=sys.stderr)
    print(
        f"{len(wordings.new):,} added to {path}, {len(wordings.known):,} allowed already, "
        f"{len(wordings.impossible):,} not possible",
        file=sys.stderr,
    )
    return DONE
