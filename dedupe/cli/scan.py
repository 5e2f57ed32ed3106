"""`dedupe scan`: says what `dedupe clean` would find, and changes nothing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dedupe.cli.ending import DONE, FINDINGS, UNREAD, ending
from dedupe.cli.options import (
    Config,
    Decisions,
    Encoding,
    IdField,
    Ignore,
    Inputs,
    Level,
    Select,
    TextField,
    cleaner_for,
    inputs_of,
    reading_of,
)
from dedupe.errors import InputError, nearest

if TYPE_CHECKING:
    from dedupe.pipeline import Result

Rule = tuple[str, str]
"""A rule's code and name."""

_FORMATS = ("text", "json", "github")


@ending
def scan(
    inputs: Inputs = None,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="How to report: text (default), json or github.")
    ] = "text",
    statistics: Annotated[bool, typer.Option("--statistics", help="Count the findings of each rule instead.")] = False,
    level: Level = None,
    select: Select = None,
    ignore: Ignore = None,
    decisions: Decisions = None,
    text_field: TextField = None,
    id_field: IdField = None,
    encoding: Encoding = None,
    config: Config = None,
) -> int:
    """Report only; exit code 1 when `clean` would change something.

    In text FILE:LINE:COLUMN is the place of a finding. For a JSONL record LINE is the record's line in the file and
    COLUMN the place in its text, counted in characters from 1. Below stands the line, with carets under the finding.
    """
    from dedupe.cleaning import Stream, Wanted
    from dedupe.cli.writing import Fitting
    from dedupe.config import load
    from dedupe.io.chunks import Unreadable
    from dedupe.parallel import Workers
    from dedupe.report.summary import Tally, show

    if format not in _FORMATS:
        raise InputError(
            f"unknown report format {format!r}{nearest(format, _FORMATS)}; choose from {', '.join(_FORMATS)}"
        )
    if statistics and format == "github":
        raise InputError("--statistics goes with text or json: annotations stand at single findings")
    names = [place.name for place in inputs_of(inputs).found]
    configuration = load(explicit=config)
    reading = reading_of(text_field, id_field, None, encoding, configuration)
    cleaner = cleaner_for(level, select, ignore, configuration, decisions=decisions)
    fitting, tally = Fitting(cleaner.decisions), Tally(would=True)
    stream, unread = Stream(names, reading, size=1), Unreadable(names, tally)
    counts: Counter[Rule] = Counter()
    applied: Counter[Rule] = Counter()
    separator = "[\n"
    for done in stream.cleaned(Workers(1, own=cleaner), Wanted(would=True, results=True)):
        if done.error:
            unread.add(done.input, done.error)
        tally.merge(done.tally)
        fitting.add(done.fitted)
        for result, _ in done.results:
            is_record = not stream.sources[done.input].format.whole
            for found in _found(result, is_record, whole=format == "json"):
                if statistics:
                    counts[found["code"], found["name"]] += 1
                    applied[found["code"], found["name"]] += found["outcome"] == "applied"
                elif format == "json":
                    sys.stdout.write(separator + json.dumps(found))
                    separator = ",\n"
                elif format == "github":
                    sys.stdout.write(f"{_github(found)}\n")
                else:
                    sys.stdout.write(_text(found, result.article.text))
    if statistics:
        sys.stdout.write(_statistics(counts, applied, format))
    elif format == "json":
        sys.stdout.write("[]\n" if separator == "[\n" else "\n]\n")
    show((*tally.notes(), *fitting.notes(), tally.counts(records=True)), sys.stderr)
    if tally.unread:
        return UNREAD
    return FINDINGS if tally.changed else DONE


def _found(result: Result, is_record: bool, whole: bool) -> Iterator[dict[str, Any]]:
    """The findings of an article with their place and that of the other copy.

    Those that the configuration suppresses or a person rejected are left out; unless `whole`, those that other findings
    swallow too.
    """
    from dedupe.model import Outcome
    from dedupe.report.plan import to_json
    from dedupe.report.position import locator
    from dedupe.report.summary import swallowed

    article, locate = result.article, locator(result.article.text)
    settled = Outcome.SUPPRESSED.value, Outcome.REJECTED.value
    hidden = set() if whole else swallowed(result)

    def place(position: int) -> tuple[int, int]:
        return (article.ordinal + 1, position + 1) if is_record else locate(position)

    for number, entry in enumerate(to_json(result.plan, article.text)["findings"]):
        if entry["outcome"] in settled or number in hidden:
            continue
        line, column = place(entry["start"])
        witness = entry["witness"]
        if witness and "field" not in witness:
            witness["line"], witness["column"] = place(witness["start"])
        yield {"file": article.source, "line": line, "column": column, "article": article.id} | entry


def _text(found: dict[str, Any], text: str) -> str:
    """Place and message in a line, then the line of the text with carets under the finding."""
    from dedupe.report.position import snippet

    said = f"{found['file']}:{found['line']}:{found['column']}: {found['code']} {_message(found)}"
    return "".join(f"{line}\n" for line in (said, *(f"    {s}" for s in snippet(text, found["start"], found["end"]))))


def _statistics(counts: Counter[Rule], applied: Counter[Rule], format: str) -> str:
    """How many findings each rule has, and how many of them would be applied: the most frequent rule first."""
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    if format == "json":
        table = [{"code": r[0], "name": r[1], "count": count, "applied": applied[r]} for r, count in rows]
        return json.dumps(table, indent=2) + "\n"
    return "".join(f"{count:>8,}  {r[0]}  {r[1]:<22}{applied[r]:>8,} would be applied\n" for r, count in rows)


def _github(found: dict[str, Any]) -> str:
    """A workflow command, as GitHub's runners read them from the log."""
    from dedupe.report.position import clip

    kind = "warning" if found["outcome"] == "applied" else "notice"
    file = _escaped(found["file"]).replace(":", "%3A").replace(",", "%2C")
    said = f"{_message(found)}: “{clip(found['text'])}”"
    place = f"file={file},line={found['line']},col={found['column']}"
    return f"::{kind} {place},title={found['code']} {found['name']}::{_escaped(said)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _message(found: dict[str, Any]) -> str:
    """What was found, why it would be held back, and where the other copy stands."""
    from dedupe.report.position import clip

    held = "" if found["outcome"] == "applied" else f" (held back: {found['reason']})"
    return clip(found["message"] + held + _copy(found), 300)


def _copy(found: dict[str, Any]) -> str:
    witness = found["witness"]
    if not witness:
        return ""
    if "line" not in witness:
        return " (the other copy: the title)"
    where = "column" if witness["line"] == found["line"] else "line"
    return f" (the other copy: {where} {witness[where]})"
