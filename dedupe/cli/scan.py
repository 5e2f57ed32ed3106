"""`dedupe scan`: says what `dedupe clean` would find, and changes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dedupe.cli.ending import DONE, FINDINGS, UNREAD, ending
from dedupe.cli.options import (
    Config,
    Encoding,
    IdField,
    Ignore,
    Inputs,
    Level,
    Select,
    TextField,
    cleaner_for,
    inputs_of,
)
from dedupe.errors import InputError, nearest

if TYPE_CHECKING:
    from dedupe.pipeline import Result

_FORMATS = ("text", "json", "github")


@ending
def scan(
    inputs: Inputs = None,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="How to report: text (default), json or github.")
    ] = "text",
    level: Level = None,
    select: Select = None,
    ignore: Ignore = None,
    text_field: TextField = None,
    id_field: IdField = None,
    encoding: Encoding = None,
    config: Config = None,
) -> int:
    """Report only; exit code 1 when `clean` would change something.

    In text FILE:LINE:COLUMN is the place of a finding. For a JSONL record LINE is the record's line in the file and
    COLUMN the place in its text, counted in characters from 1.
    """
    from dedupe.cli.articles import Cleaned, Passed, cleaned
    from dedupe.io.source import opened
    from dedupe.report.summary import Tally, show

    if format not in _FORMATS:
        raise InputError(
            f"unknown report format {format!r}{nearest(format, _FORMATS)}; choose from {', '.join(_FORMATS)}"
        )
    names = inputs_of(inputs)
    cleaner = cleaner_for(level, select, ignore, config)
    tally = Tally(would=True)
    separator = "[\n"
    for name in names:
        with opened(name, None, encoding) as source:
            for record in cleaned(source, cleaner, text_field, id_field):
                if isinstance(record, Passed):
                    tally.passed(record.blank, record.failure)
                elif not isinstance(record, Cleaned):
                    tally.reject(record.source, record.line, record.reason)
                else:
                    tally.add(record.result)
                    for found in _found(record.result, source.format == "jsonl", whole=format == "json"):
                        if format == "json":
                            sys.stdout.write(separator + json.dumps(found))
                            separator = ",\n"
                        else:
                            sys.stdout.write((_text if format == "text" else _github)(found) + "\n")
    if format == "json":
        sys.stdout.write("[]\n" if separator == "[\n" else "\n]\n")
    show((*tally.notes(), tally.counts(records=True)), sys.stderr)
    if tally.unread:
        return UNREAD
    return FINDINGS if tally.changed else DONE


def _found(result: Result, is_record: bool, whole: bool) -> Iterator[dict[str, Any]]:
    """The findings of an article with their place and that of the other copy.

    Those that the configuration suppresses are left out; unless `whole`, those that other findings swallow too.
    """
    from dedupe.model import Outcome
    from dedupe.report.plan import to_json
    from dedupe.report.position import locator
    from dedupe.report.summary import swallowed

    article, locate = result.article, locator(result.article.text)
    hidden = set() if whole else swallowed(result)

    def place(position: int) -> tuple[int, int]:
        return (article.ordinal + 1, position + 1) if is_record else locate(position)

    for number, entry in enumerate(to_json(result.plan, article.text)["findings"]):
        if entry["outcome"] == Outcome.SUPPRESSED.value or number in hidden:
            continue
        line, column = place(entry["start"])
        witness = entry["witness"]
        if witness and "field" not in witness:
            witness["line"], witness["column"] = place(witness["start"])
        yield {"file": article.source, "line": line, "column": column, "article": article.id} | entry


def _text(found: dict[str, Any]) -> str:
    return f"{found['file']}:{found['line']}:{found['column']}: {found['code']} {_message(found)}"


def _github(found: dict[str, Any]) -> str:
    """A workflow command, as GitHub's runners read them from the log."""
    kind = "warning" if found["outcome"] == "applied" else "notice"
    file = _escaped(found["file"]).replace(":", "%3A").replace(",", "%2C")
    place = f"file={file},line={found['line']},col={found['column']}"
    return f"::{kind} {place},title={found['code']} {found['name']}::{_escaped(_message(found))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _message(found: dict[str, Any]) -> str:
    """What was found, why it would be held back, where the other copy stands, and the text."""
    from dedupe.report.position import clip

    held = "" if found["outcome"] == "applied" else f" (held back: {found['reason']})"
    said = clip(found["message"] + held + _copy(found), 300)
    return f"{said}: “{clip(found['text'])}”"


def _copy(found: dict[str, Any]) -> str:
    witness = found["witness"]
    if not witness:
        return ""
    if "line" not in witness:
        return " (the other copy: the title)"
    where = "column" if witness["line"] == found["line"] else "line"
    return f" (the other copy: {where} {witness[where]})"
