"""Undo: cleaned output and its plan -> the exact input, with the lines that had been rejected."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dedupe.edit import undo
from dedupe.errors import ChangedTextError, UndoError
from dedupe.io.packing import bare, unpacked
from dedupe.io.places import Place, is_address, opened_at
from dedupe.io.record import MARK_FIELD, TEXT_FIELDS, Fields, Reject
from dedupe.io.source import Source
from dedupe.model import Plan
from dedupe.report.plan import from_json

Planned = tuple[Plan, Mapping[str, Any]]
"""A plan and its line as decoded, which holds what the plan itself does not."""

_SHOWN = 3


def planned(name: str, source: str | None = None) -> Iterator[Planned]:
    """The plans in a file, of one source or all. UndoError with the line's number where one is damaged."""
    for number, entry in _entries(name):
        try:
            plan = from_json(entry)
        except UndoError as error:
            raise UndoError(
                f"{name}, line {number}: damaged plan line ({error}): undo needs it as `clean` wrote it"
            ) from None
        if source is None or plan.source == source:
            yield plan, entry


class Origins:
    """The sources of a plan, found by the ends of their paths, which cleaning into a folder keeps."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._by_end: dict[str, list[str]] = {}
        for source in sources:
            for end in _ends(source):
                self._by_end.setdefault(end, []).append(source)

    def of(self, cleaned: str) -> str | None:
        """The source that shares the longest end with a cleaned file's path; None where not even the name is the same.

        UndoError when several do.
        """
        return next((source for end in _ends(cleaned) if (source := self.ending(end))), None)

    def ending(self, path: str) -> str | None:
        """The source whose path ends so: of several the one in whose folder the others stand. UndoError without it."""
        found = self._by_end.get(next(_ends(path)), [])
        top = min(found, key=len, default=None)
        if top is None or all(Path(top).parent in Path(other).parents for other in found):
            return top
        listed = ", ".join(sorted(found)[:5]) + (", …" if len(found) > 5 else "")
        raise UndoError(f"{path} may be any of {listed} in this plan: give it the path of the one it comes from")


def source_for(cleaned: str, sources: Iterable[str]) -> str | None:
    """Which of a plan's sources a cleaned file comes from: the only one, else the same path, else the likest.

    UndoError when that leaves none or several; None when the plan has no article.
    """
    known = sorted(set(sources))
    if len(known) <= 1:
        return known[0] if known else None
    same = [name for name in known if name != "-" and Path(name).resolve() == Path(cleaned).resolve()]
    found = same[0] if len(same) == 1 else Origins(known).of(cleaned)
    if found is None:
        listed = ", ".join(known[:5]) + (", …" if len(known) > 5 else "")
        raise UndoError(f"{cleaned} is not in this plan; it holds {listed} (a renamed file needs its old name)")
    return found


def _ends(name: str) -> Iterator[str]:
    """The ends of the path of what is written for an input, the longest first, without the suffix of a packing."""
    parts = Path(bare(Place(name, name).output(None))).parts
    return ("/".join(parts[start:]) for start in range(len(parts)))


def rejected(name: str, source: str | None = None) -> dict[int, bytes]:
    """The rejected lines of one source, or all, by their place counted from 0. UndoError where an entry is damaged."""
    found = {}
    for number, entry in _entries(name):
        try:
            if source is None or entry["source"] == source:
                found[int(entry["line"]) - 1] = base64.b64decode(entry["raw"], validate=True)
        except (KeyError, TypeError, ValueError):  # noqa: PERF203
            raise UndoError(f"{name}, line {number}: damaged: undo needs the file as `clean` wrote it") from None
    return found


def reject_entry(reject: Reject) -> dict[str, Any]:
    """A rejected line as it stands in a file of rejects."""
    raw = base64.b64encode(reject.raw).decode("ascii")
    return {"source": reject.source, "line": reject.line, "reason": reject.reason, "raw": raw}


def _entries(name: str) -> Iterator[tuple[int, Any]]:
    try:
        with opened_at(name) if is_address(name) else Path(name).open("rb") as file:
            for number, line in enumerate(unpacked(file, name)[0], 1):
                if line.strip():
                    try:
                        yield number, json.loads(line)
                    except (ValueError, RecursionError):
                        raise UndoError(
                            f"{name}, line {number}: no JSON: undo needs the file as `clean` wrote it"
                        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise UndoError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}; check the name") from None


def restored(source: Source, plans: Iterator[Planned], rejects: dict[int, bytes]) -> Iterator[tuple[bytes, bool]]:
    """The bytes of the original behind its byte order mark, record by record, and whether undo brought them back.

    UndoError, at the end, when any part cannot be restored.
    """
    return _text(source, plans) if source.format.whole else _records(source, plans, rejects)


def _text(source: Source, plans: Iterator[Planned]) -> Iterator[tuple[bytes, bool]]:
    record = source.format.record(b"".join(source.pieces), 0)
    assert record is not None and not isinstance(record, Reject) and record.article is not None
    plan, _ = next(plans, (None, {}))
    if plan is None:
        raise UndoError(f"the plan has no article of {source.name}: is it the plan of another file?")
    try:
        text = undo(record.article.text, plan)
    except ChangedTextError:
        if "{>>" in record.article.text and "<<}" in record.article.text:
            raise UndoError(
                f"{source.name} looks like the output of --mark, which keeps the whole text: {_ORIGINAL}"
            ) from None
        raise
    yield record.with_text(text), text != record.article.text


_ORIGINAL = "take the original, or run `clean` without --mark"


def _records(source: Source, plans: Iterator[Planned], rejects: dict[int, bytes]) -> Iterator[tuple[bytes, bool]]:
    problems = 0
    shown: list[str] = []
    ordinal = -1
    planned = next(plans, None)

    def left_out() -> Iterator[tuple[bytes, bool]]:
        """The next lines as far as they were rejected or dropped."""
        nonlocal ordinal, planned
        while True:
            if ordinal in rejects:
                yield rejects.pop(ordinal), True
            elif planned is not None and planned[0].ordinal == ordinal and "dropped" in planned[1]:
                yield _whole(planned[1]["dropped"]), True
                planned = next(plans, None)
            else:
                return
            ordinal += 1

    for number, raw in enumerate(source.pieces, 1):
        ordinal += 1
        yield from left_out()
        if planned is None or planned[0].ordinal != ordinal:
            yield raw, False
            continue
        try:
            original = _restored(raw, source, *planned)
            yield original, original != raw
        except UndoError as error:
            problems += 1
            if len(shown) < _SHOWN:
                shown.append(f"line {number}: {error}")
        planned = next(plans, None)
    ordinal += 1
    yield from left_out()
    if planned is not None:
        problems += 1
        shown.append(f"the plan's record {planned[0].ordinal + 1} is not there, or stands in another order")
    if rejects:
        problems += 1
        shown.append(f"the rejected line {min(rejects) + 1} lies beyond the end")
    if problems:
        raise UndoError(
            f"{problems:,} record{'s' * (problems != 1)} of {source.name} cannot be undone, so nothing was written: "
            f"{'; '.join(shown)}{'; …' if problems > len(shown) else ''}. "
            "Undo needs the lines in the order that `clean` wrote, and beside the file or its plan the .rejects.jsonl "
            "if there was one"
        )


def _whole(encoded: Any) -> bytes:
    """A record that was left out, from its plan line."""
    try:
        return base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError):
        raise UndoError("the plan is damaged: it does not hold the record that was dropped") from None


def _restored(raw: bytes, source: Source, plan: Plan, entry: Mapping[str, Any]) -> bytes:
    """A line with its old text. UndoError when the text is not the plan's, or the plan is damaged."""
    field = entry.get("field", TEXT_FIELDS[0])
    kind: Any = source.format
    record = replace(kind, fields=Fields(text=field)).record(raw, plan.ordinal)
    if record is None or isinstance(record, Reject):
        raise UndoError(record.reason if record else "no record")
    if record.text is None:
        raise UndoError(f"no text in the field {field!r}")
    text = undo(record.text, plan)
    if text == record.text:
        if plan.edits and MARK_FIELD in record.fields:
            raise UndoError(f"it comes from --mark, which keeps the text: {_ORIGINAL}")
        return raw
    try:
        return record.restored(text, entry)  # type: ignore[no-any-return]
    except (KeyError, TypeError, ValueError):
        raise UndoError("the plan is damaged: it does not say how the text was written") from None
