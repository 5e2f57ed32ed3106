"""Reports: plan lines and back, marks, places, and what a person reads."""

from __future__ import annotations

import copy
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dedupe.edit import undo
from dedupe.errors import UndoError
from dedupe.model import Article, Decision, Edit, Failure, Finding, Outcome, Plan, Safety, Span, Witness
from dedupe.pipeline import Result, clean
from dedupe.report.mark import criticmarkup, marks
from dedupe.report.plan import dump, from_json, to_json
from dedupe.report.position import clip, locator, snippet
from dedupe.report.progress import Progress
from dedupe.report.summary import Tally, findings, show, swallowed

REPEAT = "Mayor Orla Fenwick said on Monday that the council had spent 3 million crowns on the new deck of the bridge."
CUT = f"{{--{REPEAT}--}}{{>>REP001 repeated-sentence<<}}"
TEXT = "Snow  fell fell\non Velm"
DECISIONS = (
    Decision(
        Finding("TXT003", Span(5, 6), "a space too many", Safety.SAFE, (Edit(Span(5, 6), " ", ""),)),
        Outcome.APPLIED,
        "x",
    ),
    Decision(
        Finding("REP001", Span(11, 15), "twice", Safety.LIKELY, (), Witness("7", Span(6, 10), 1.0)),
        Outcome.APPLIED,
        "x",
    ),
    Decision(
        Finding("REP006", Span(0, 4), "the title", Safety.DISPLAY, (), Witness(None, Span(0, 4), 0.5, "title")),
        Outcome.NO_FIX,
        "only reported",
    ),
    Decision(
        Finding("CAP002", Span(16, 23), "a caption", Safety.DOUBTFUL, (Edit(Span(16, 23), "on Velm", ""),)),
        Outcome.TOO_RISKY,
        "doubtful",
    ),
)
EDITS = (
    Edit(Span(5, 6), " ", "", finding=0),
    Edit(Span(11, 15), "fell", "down", finding=1),
    Edit(Span(23, 23), "", ".", finding=0),
)


def example() -> Result:
    from dedupe.edit import apply, sha256

    after = apply(TEXT, EDITS)
    plan = Plan("7", "a.jsonl", 3, sha256(TEXT), sha256(after), "standard", "0.1", EDITS, DECISIONS, "look at it")
    return Result(Article(TEXT, id="7", source="a.jsonl", ordinal=3), after, plan)


def test_a_plan_line_has_the_documented_shape() -> None:
    entry = to_json(example().plan, TEXT)
    assert list(entry) == [
        *("article", "source", "ordinal", "sha256_before", "sha256_after", "level", "version", "findings", "edits"),
        "warning",
    ]
    assert entry["findings"][1] == {
        "code": "REP001",
        "name": "repeated-sentence",
        "start": 11,
        "end": 15,
        "text": "fell",
        "message": "twice",
        "safety": "likely",
        "outcome": "applied",
        "reason": "x",
        "witness": {"article": "7", "start": 6, "end": 10, "score": 1.0},
    }
    assert entry["findings"][0]["witness"] is None
    assert entry["findings"][2]["witness"] == {"article": None, "start": 0, "end": 4, "score": 0.5, "field": "title"}
    assert entry["edits"][1] == {"start": 11, "end": 15, "before": "fell", "after": "down", "finding": 1}
    assert "warning" not in to_json(replace(example().plan, warning=""), TEXT)


def test_a_plan_comes_back_from_its_line() -> None:
    result = example()
    entry = json.loads(dump(to_json(result.plan, TEXT)))
    plan = from_json(entry)
    assert replace(plan, decisions=()) == replace(result.plan, decisions=())
    assert [(d.outcome, d.reason, d.finding.witness) for d in plan.decisions] == [
        (d.outcome, d.reason, d.finding.witness) for d in result.plan.decisions
    ]
    assert to_json(plan, TEXT) == entry
    assert undo(result.text, plan) == TEXT


def test_halves_of_characters_are_escaped() -> None:
    assert dump({"a": "\ud800é"}) == b'{"a": "\\ud800\\u00e9"}\n'
    assert dump({"a": "é"}) == '{"a": "é"}\n'.encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("article",), 7),
        (("ordinal",), "3"),
        (("sha256_after",), None),
        (("edits",), None),
        (("edits", 0), []),
        (("edits", 0, "start"), 1.5),
        (("edits", 0, "before"), None),
        (("findings",), 1),
        (("findings", 0, "safety"), "sure"),
        (("findings", 0, "outcome"), "done"),
        (("findings", 1, "witness"), "none"),
        (("warning",), 1),
    ],
)
def test_a_damaged_plan_line_is_refused(path: tuple[Any, ...], value: object) -> None:
    entry = copy.deepcopy(to_json(example().plan, TEXT))
    place: Any = entry
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UndoError):
        from_json(entry)
    if isinstance(place, dict) and path != ("warning",):
        del place[path[-1]]
        with pytest.raises(UndoError, match=str(path[-1])):
            from_json(entry)


@pytest.mark.parametrize("entry", [None, [], 7, "plan", {}])
def test_what_is_no_plan_is_refused(entry: object) -> None:
    with pytest.raises(UndoError):
        from_json(entry)


def test_criticmarkup() -> None:
    assert criticmarkup(example()) == (
        "Snow {-- --}{>>TXT003 invisible-character<<}fell {~~fell~>down~~}{>>REP001 repeated-sentence<<}\non Velm"
        "{++.++}{>>TXT003 invisible-character<<}"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("lines", "marked"),
    [
        (["Snow.", REPEAT, "Rain.", REPEAT, "Sun."], ["Snow.", REPEAT, "Rain.", CUT, "Sun."]),
        (["Snow.", REPEAT, "Rain.", REPEAT], ["Snow.", REPEAT, "Rain.", CUT]),
        (["Snow.", REPEAT, "Rain.", REPEAT, REPEAT, ""], ["Snow.", REPEAT, "Rain.", CUT, CUT, ""]),
        ([REPEAT, "", "Rain.", "", REPEAT, "", "Sun."], [REPEAT, "", "Rain.", "", CUT, "", "Sun."]),
    ],
    ids=["line", "last line", "adjacent", "blank lines"],
)
def test_a_mark_stays_in_its_line(lines: list[str], marked: list[str], newline: str) -> None:
    assert criticmarkup(clean(newline.join(lines))).split(newline) == marked


def test_a_mark_of_white_space_alone() -> None:
    text = "Snow\n\n\nfell"
    edits = (Edit(Span(4, 6), "\n\n", "", finding=0),)
    result = replace(example(), article=Article(text), plan=replace(example().plan, edits=edits))
    assert criticmarkup(result) == "Snow{--\n\n--}{>>TXT003 invisible-character<<}\nfell"


def test_marks() -> None:
    assert marks(example())[1] == {
        "code": "REP001",
        "start": 11,
        "end": 15,
        "before": "fell",
        "after": "down",
        "message": "twice",
    }


@pytest.mark.parametrize("text", ["one\ntwo\n\nfour", "one\r\ntwo\r\n\r\nfour", "one\rtwo\r\rfour"])
def test_places_count_lines_of_every_kind(text: str) -> None:
    locate = locator(text)
    assert [locate(text.index(word)) for word in ("one", "two", "four")] == [(1, 1), (2, 1), (4, 1)]
    assert locate(len(text)) == (4, 5)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31m\x00b", "a\\x1b[31m\\x00b"),
        ("a\u200bb\ud800", "a\\u200bb\\ud800"),
        ("a\u00a0b 港口", "a\u00a0b 港口"),
        ("x" * 80, "x" * 36 + "…" + "x" * 35),
        ("x" * 72, "x" * 72),
    ],
)
def test_a_clip_is_short_and_harmless(text: str, shown: str) -> None:
    assert clip(text) == shown


def lines(result: Result) -> list[str]:
    stream = io.StringIO()
    show(findings(result), stream)
    return stream.getvalue().splitlines()


def test_findings_say_where_what_and_why() -> None:
    assert lines(example()) == [
        "line 1, column 6: TXT003 invisible-character: applied",
        "    cut “ ”",
        "    put in “.”",
        "    a space too many",
        "line 1, column 12: REP001 repeated-sentence: applied",
        "    replace “fell” by “down”",
        "    twice (the other copy: line 1)",
        "line 1, column 1: REP006 repeated-title: held back (no-fix)",
        "    “Snow”",
        "    the title; only reported (the other copy: the title)",
        "line 2, column 1: CAP002 caption: held back (too-risky)",
        "    would cut “on Velm”",
        "    a caption; doubtful",
    ]


def test_what_another_finding_cuts_is_not_told() -> None:
    def decided(span: Span, outcome: Outcome) -> Decision:
        return Decision(Finding("CAP001", span, "a credit", Safety.SAFE), outcome, "x")

    outcomes = [
        (Span(16, 23), Outcome.APPLIED),
        (Span(19, 23), Outcome.OVERLAPS),  # inside what two adjacent cuts take
        (Span(14, 20), Outcome.OVERLAPS),
        (Span(17, 18), Outcome.NO_FIX),
        (Span(0, 4), Outcome.OVERLAPS),  # inside a replacement
    ]
    edits = (
        Edit(Span(0, 4), "Snow", "Rain", finding=0),
        Edit(Span(16, 20), "on V", "", finding=0),
        Edit(Span(20, 23), "elm", "", finding=0),
    )
    decisions = tuple(decided(*outcome) for outcome in outcomes)
    result = replace(example(), plan=replace(example().plan, edits=edits, decisions=decisions))
    assert swallowed(result) == {1}
    assert sum("CAP001" in line for line in lines(result)) == 4
    tally = Tally()
    tally.add(result)
    assert tally.counts(records=False)[0][0].startswith("4 findings: 1 applied, 3 held back")


@pytest.mark.parametrize("count", [3, 4, 40])
def test_many_findings_that_are_only_reported_are_one_line(count: int) -> None:
    many = tuple(
        Decision(Finding("TXT001", Span(i, i + 1), f"a leftover of markup: <{i}>", safety), outcome, "only reported")
        for i, (safety, outcome) in enumerate(
            [(Safety.DISPLAY, Outcome.TOO_RISKY), (Safety.LIKELY, Outcome.NO_FIX)] * count
        )
    )[:count]
    risky = Decision(Finding("TXT001", Span(0, 1), "risky", Safety.DOUBTFUL), Outcome.TOO_RISKY, "doubtful")
    result = replace(example(), plan=replace(example().plan, edits=(), decisions=(*many, risky, DECISIONS[2])))
    shown = lines(result)
    assert sum("held back" in line for line in shown) == (5 if count == 3 else 2)
    grouped = [
        f"TXT001 markup-leftover: {count} places, only reported",
        "    the first at line 1, column 1: a leftover of markup: <0>",
    ]
    assert (shown[:2] == grouped) is (count > 3)


def test_what_is_only_shown_is_said_in_the_conditional() -> None:
    stream = io.StringIO()
    tally = Tally(would=True)
    tally.add(example())
    show((*findings(example(), would=True), *tally.rules(), tally.counts(records=True)), stream)
    assert not {"applied", "cut", "removed", "changed"} & set(
        stream.getvalue().replace("would be applied", "").replace("would cut", "").split()
    )


def test_one_of_a_thing_is_no_plural() -> None:
    four = tuple(Edit(Span(i, i + 1), "x", "", finding=0) for i in range(4))
    result = replace(example(), plan=replace(example().plan, edits=four, decisions=DECISIONS[:1] + DECISIONS[2:3] * 40))
    shown = "\n".join(lines(result))
    assert "… and 1 more place\n" in shown
    assert "… and 1 more finding: --report" in shown


def test_a_thousand_findings_are_not_all_shown() -> None:
    result = example()
    many = replace(result, plan=replace(result.plan, decisions=DECISIONS * 300))
    assert len(lines(many)) < 200
    assert "1,160 more findings" in lines(many)[-1]


def test_the_tally_counts() -> None:
    tally = Tally()
    tally.add(example())
    tally.add(clean("Snow fell on the hills above Velm."))
    for blank in (True, False):
        tally.passed(blank, None)
    assert not tally.unread
    tally.passed(False, Failure("a.jsonl", 9, "clean", "RuntimeError: boom\nbang"))
    for line in range(1000):
        tally.reject(f"a.jsonl, line {line}", "broken")
    assert tally.unread
    stream = io.StringIO()
    show((*tally.rules(), *tally.notes(), tally.counts(records=True)), stream)
    shown = stream.getvalue().splitlines()
    assert len(shown) < 20
    assert "REP001 repeated-sentence            1 applied        0 held back" in shown
    assert "warning: a.jsonl, line 4 (id 7): look at it" in shown
    assert "failed (clean): a.jsonl, line 9: RuntimeError: boom⏎bang; left unchanged" in shown
    assert "… and 994 more of these" in shown
    assert shown[-1].startswith(
        "1,004 records: 1 changed, 1 unchanged, 1 without text, 1,000 rejected, 1 failed; 4 findings: 2"
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_colour", "styled"), [("", True), ("1", False)])
def test_only_a_terminal_gets_styles(monkeypatch: pytest.MonkeyPatch, no_colour: str, styled: bool) -> None:
    monkeypatch.setenv("NO_COLOR", no_colour)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    show(findings(example()), stream)
    assert ("\x1b[" in stream.getvalue()) is styled
    assert "REP001" in stream.getvalue()


def test_progress_shows_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        with Progress(stream, total=10) as progress:
            progress.step(3, size=10)
            progress.phase("comparing")
        assert ("3 records, comparing" in stream.getvalue()) is shown
    stream = Terminal()
    with Progress(stream, wanted=False) as progress:
        progress.step()
    assert not stream.getvalue()


@pytest.mark.parametrize(
    ("text", "span", "shown"),
    [
        ("Rain.\nSnow fell. layers\nSun.", (17, 23), ("Snow fell. layers", "           ^^^^^^")),
        ("Rain.\r\nSnow.", (0, 10), ("Rain.⏎", "^^^^^^")),
        ("Rain.\n\nSnow.", (5, 6), ("Rain.⏎", "     ^")),
        ("Rain.", (5, 5), ("Rain.", "     ^")),
        ("a\u200bb\tc", (1, 2), ("a\\u200bb\\x09c", " ^^^^^^")),
        ("港口开放。分享", (5, 7), ("港口开放。分享", "          ^^^^")),
        ("ab cd ef. שיתוף", (10, 15), ("ab cd ef. ⟦שיתוף⟧",)),
        (f"{'ab ' * 90}layers{' cd' * 90}", (270, 276), (f"…b{' ab' * 4} layers{' cd' * 4} c…", f"{' ' * 15}^^^^^^")),
    ],
)
def test_a_snippet_shows_the_finding_in_its_line(text: str, span: tuple[int, int], shown: tuple[str, ...]) -> None:
    assert snippet(text, *span, width=36) == shown


@given(st.text("ab 。港é\n", max_size=200), st.integers(0, 200), st.integers(0, 200), st.integers(20, 60))
def test_carets_stand_under_the_finding(text: str, start: int, length: int, width: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    line, carets = snippet(text, start, end, width)
    assert cell_len(line) <= width + 3
    assert len(carets) <= max(1, cell_len(line) + (start == end))
    found = text[start:end].split("\n")[0]
    under, columns = "", 0
    for character in line:
        if carets[columns : columns + 1] == "^":
            under += character
        columns += cell_len(character)
    assert set(carets.strip()) == {"^"}
    if start < end:
        kept = under.removesuffix("⏎")
        assert kept == found or ("…" in kept and len(found) > width // 2)
