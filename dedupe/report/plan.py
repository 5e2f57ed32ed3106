"""The plan line: all that happened to one article, as JSON, and back.

    {"article", "source", "ordinal", "sha256_before", "sha256_after", "level", "version",
     "findings": [{"code", "name", "start", "end", "text", "message", "safety", "outcome", "reason",
                   "witness": {"article", "start", "end", "score"} | null}],
     "edits": [{"start", "end", "before", "after", "finding"}]}

Positions are code points of the text before cleaning; `ordinal` is the record's line, counted from 0 (0 for a text
file); `finding` is a place in the list of findings. A plan with a warning has it under "warning"; a witness that is the
record's title has "field": "title". For a JSONL record "field" names the field of the text when it is not "text", and
for a changed one "json" is the style of the old literal ("ascii" or "utf-8") or "raw" the literal itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from dedupe import edit
from dedupe.errors import UndoError
from dedupe.model import Decision, Edit, Finding, Outcome, Plan, Safety, Span, Witness
from dedupe.pipeline import Result
from dedupe.rule import all_rules


def names() -> dict[str, str]:
    """The name of each rule by its code."""
    return {rule.code: rule.name for rule in all_rules()}


def plan_line(result: Result) -> dict[str, Any]:
    """The plan of a result as the line of JSON that `--report` writes, to be kept beside the cleaned text.

    >>> import json, dedupe
    >>> line = dedupe.plan_line(dedupe.clean("Rain fell. layers\\nThe sun shone."))
    >>> [(finding["code"], finding["outcome"], finding["text"]) for finding in line["findings"]]
    [('LAY001', 'applied', 'layers')]
    >>> json.loads(json.dumps(line)) == line
    True
    """
    return to_json(result.plan, result.article.text)


def undo(text: str, plan: Plan | Mapping[str, Any]) -> str:
    """The exact text before cleaning, from the cleaned text and its plan or stored plan line.

    Raises UndoError when the plan is damaged or of another article, or the text was edited since.

    >>> import dedupe
    >>> result = dedupe.clean("Rain fell. layers\\nThe sun shone.")
    >>> dedupe.undo("Rain fell.\\nThe sun shone.", dedupe.plan_line(result))
    'Rain fell. layers\\nThe sun shone.'
    """
    return edit.undo(text, plan if isinstance(plan, Plan) else from_json(plan))


def to_json(plan: Plan, text: str) -> dict[str, Any]:
    """The plan of an article whose text before cleaning is given, ready for `json.dumps`."""
    named = names()
    entry: dict[str, Any] = {
        "article": plan.article_id,
        "source": plan.source,
        "ordinal": plan.ordinal,
        "sha256_before": plan.sha256_before,
        "sha256_after": plan.sha256_after,
        "level": plan.level,
        "version": plan.version,
        "findings": [_finding(decision, text, named) for decision in plan.decisions],
        "edits": [
            {"start": e.span.start, "end": e.span.end, "before": e.before, "after": e.after, "finding": e.finding}
            for e in plan.edits
        ],
    }
    return entry | ({"warning": plan.warning} if plan.warning else {})


def dump(entry: Mapping[str, Any]) -> bytes:
    """A line of JSON in UTF-8, with its line break; halves of characters, which UTF-8 cannot hold, are escaped."""
    written = json.dumps(entry, ensure_ascii=False)
    try:
        return f"{written}\n".encode()
    except UnicodeEncodeError:
        return f"{json.dumps(entry)}\n".encode()


def _finding(decision: Decision, text: str, named: Mapping[str, str]) -> dict[str, Any]:
    finding, witness = decision.finding, decision.finding.witness
    start, end = finding.span
    return {
        "code": finding.code,
        "name": named.get(finding.code, ""),
        "start": start,
        "end": end,
        "text": text[start:end],
        "message": finding.message,
        "safety": finding.safety.name.lower(),
        "outcome": decision.outcome.value,
        "reason": decision.reason,
        "witness": witness
        and {
            "article": witness.article_id,
            "start": witness.span.start,
            "end": witness.span.end,
            "score": witness.score,
        }
        | ({"field": witness.field} if witness.field == "title" else {}),
    }


def from_json(entry: Any) -> Plan:
    """The plan in a decoded plan line. UndoError when something is missing or of the wrong kind.

    Edits that were proposed and not applied are not part of a plan line: a finding's edits are those that were applied.
    """
    try:
        edits = tuple(
            Edit(
                Span(_int(e, "start"), _int(e, "end")), _str(e, "before"), _str(e, "after"), finding=_int(e, "finding")
            )
            for e in entry["edits"]
        )
        return Plan(
            None if entry["article"] is None else _str(entry, "article"),
            _str(entry, "source"),
            _int(entry, "ordinal"),
            _str(entry, "sha256_before"),
            _str(entry, "sha256_after"),
            _str(entry, "level"),
            _str(entry, "version"),
            edits,
            tuple(_decision(f, tuple(e for e in edits if e.finding == i)) for i, f in enumerate(entry["findings"])),
            _str(entry, "warning") if "warning" in entry else "",
        )
    except KeyError as error:
        raise UndoError(f"{error.args[0]!r} is missing or unknown") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise UndoError(str(error)) from None


def _decision(entry: Any, edits: tuple[Edit, ...]) -> Decision:
    seen = entry["witness"]
    witness = seen and Witness(
        seen["article"],
        Span(_int(seen, "start"), _int(seen, "end")),
        float(seen["score"]),
        _field(seen.get("field", "text")),
    )
    span = Span(_int(entry, "start"), _int(entry, "end"))
    safety = Safety[_str(entry, "safety").upper()]
    finding = Finding(_str(entry, "code"), span, _str(entry, "message"), safety, edits, witness or None)
    return Decision(finding, Outcome(entry["outcome"]), _str(entry, "reason"))


def _field(name: str) -> Literal["text", "title"]:
    return "title" if name == "title" else "text"


def _str(entry: Any, name: str) -> str:
    if not isinstance(entry[name], str):
        raise TypeError(f"{name!r} must be a string")
    return str(entry[name])


def _int(entry: Any, name: str) -> int:
    if type(entry[name]) is not int or entry[name] < -1:
        raise TypeError(f"{name!r} must be a whole number")
    return int(entry[name])
