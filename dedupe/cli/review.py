"""`dedupe review`: clean by hand, one finding at a time, in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dedupe.cli.ending import DONE, STOPPED, UNREAD, ending
from dedupe.cli.options import (
    Config,
    Encoding,
    IdField,
    Ignore,
    InputFormat,
    Level,
    Select,
    TextField,
    cleaner_for,
    reading_of,
)
from dedupe.cli.writing import Rejects, Reports, Run, kinds_of, target, title
from dedupe.errors import InputError

if TYPE_CHECKING:
    from dedupe.cleaning import Cleaned, Passed
    from dedupe.io.record import Reject
    from dedupe.model import Article
    from dedupe.review.session import Wanted


@ending
def review(
    input: Annotated[str, typer.Argument(metavar="INPUT", help="A file (.txt, .md, .jsonl, also .gz).")],
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUT", help="The cleaned file, written at the end.")
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="FILE", help="Write a report too, as `clean` does; goes with -o."),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option("--decisions", metavar="FILE", help="Where decisions are kept; by default INPUT.decisions.jsonl."),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option("--plan", metavar="PLAN", help="Only what an earlier run found, at its level (.jsonl)."),
    ] = None,
    level: Level = None,
    select: Select = None,
    ignore: Ignore = None,
    format: InputFormat = None,
    text_field: TextField = None,
    id_field: IdField = None,
    encoding: Encoding = None,
    config: Config = None,
) -> int:
    """Clean by hand: one finding at a time, with keys to accept and reject it (press ? for all keys).

    Each decision is kept at once, so that a review can be left and taken up again. Needs the extra "review".
    """
    if find_spec("textual") is None:
        raise InputError('the review screen needs textual: pip install "dedupe-news[review]"')
    if input == "-":
        raise InputError("a review needs the terminal for its keys: name a file, not standard input")
    if report and not output:
        raise InputError("--report goes with -o OUT: without it only decisions are kept")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # the screen is drawn on standard error
        raise InputError("a review needs a terminal: `dedupe clean INPUT --decisions FILE` applies what was decided")
    from dedupe.config import load
    from dedupe.decisions import line, read
    from dedupe.io.format import check_output
    from dedupe.io.output import Outputs
    from dedupe.io.source import opened
    from dedupe.pipeline import run
    from dedupe.review import hand
    from dedupe.review.log import Log
    from dedupe.review.screen import Review
    from dedupe.review.session import Session

    kept = decisions or Path(f"{input}.decisions.jsonl")
    kept_hand = kept.with_name(f"{kept.name.removesuffix('.jsonl')}.edited.jsonl")
    kinds = kinds_of(report or [])
    configuration = load(explicit=config)
    reading = reading_of(text_field, id_field, format, encoding, configuration)
    with opened(input, reading) as source:
        articles = [a for record in source.records() if (a := getattr(record, "article", None))]
        if output:
            check_output(output, source.format.written)
    if not articles:
        raise InputError(f"{input} holds no article: there is nothing to review")
    names = [input, str(kept), str(kept_hand), *(str(name) for name in (plan, config) if name)]
    with Outputs(names, dry=True) as outputs:
        for name in (output, *(report or [])):
            if name:
                outputs.open(name)
    wanted, planned_level = _planned(plan, input, articles) if plan else (None, None)
    level = level or planned_level
    cleaner = cleaner_for(level, select, ignore, configuration)
    verdicts = list(read(kept).numbered) if kept.exists() else []
    edits = list(hand.read(kept_hand, articles))
    session = Session(
        articles,
        lambda article, said: run(article, cleaner.rules, cleaner.policy, cleaner.model, (), said),
        verdicts,
        edits,
        wanted,
    )
    log = Log(kept, line, len(verdicts))
    hand_log = Log[tuple[int, str | None]](kept_hand, lambda entry: hand.line(articles[entry[0]], entry[1]), len(edits))

    def save() -> None:
        log.follow(session.verdicts)
        hand_log.follow(session.hand)

    app = Review(session, save)
    finished = app.run()
    if app.failure:
        raise app.failure
    by_hand = {
        article.ordinal: text for n, article in enumerate(articles) if (text := session.hand_text(n)) is not None
    }
    told_hand = f"; edited by hand: {len(by_hand):,} in {kept_hand}" if by_hand else ""
    print(f"decisions: {len(session.verdicts):,} in {kept}{told_hand}", file=sys.stderr)
    if not finished:
        print("stopped: no output was written; the same command goes on here", file=sys.stderr)
        return STOPPED
    if output is None:
        command = f"review {input} --decisions {kept}" if by_hand else f"clean {input} --decisions {kept}"
        print(f"no output was asked for: `dedupe {command} -o OUT` writes it (options as here)", file=sys.stderr)
        return DONE

    from dedupe.cleaning import Cleaned, Wanted, cleaned, settled
    from dedupe.report.progress import Progress
    from dedupe.report.summary import show

    cleaner = cleaner_for(level, select, ignore, configuration, decisions=kept if kept.exists() else None)
    wanted_reports = Wanted(plans=bool(kinds.plans), diffs=bool(kinds.diffs), results=bool(kinds.pages))

    def with_hand(records: Iterator[Cleaned | Passed | Reject]) -> Iterator[Cleaned | Passed | Reject]:
        for record in records:
            text = by_hand.get(record.result.article.ordinal) if isinstance(record, Cleaned) else None
            if isinstance(record, Cleaned) and text is not None:
                record = replace(record, result=hand.edited(record.result, text))
            yield record

    with (
        Outputs(names) as outputs,
        opened(input, reading) as source,
        Progress(sys.stderr) as progress,
    ):
        reports = Reports(outputs, kinds, title([input]))
        written = Run(reports, cleaner.decisions, progress, would=False)
        sink = source.format.sink(target(outputs, source, output))
        done = (
            settled([record], wanted_reports, cleaner.decisions)
            for record in with_hand(cleaned(source.records(), cleaner))
        )
        written.through(source, done, sink, Rejects(outputs, f"{output}.rejects.jsonl"))
        reports.finish()
    show((*written.tally.rules(), *written.notes(), written.tally.counts(not source.format.whole)), sys.stderr)
    return UNREAD if written.tally.unread else DONE


def _planned(name: str, input: str, articles: list[Article]) -> tuple[Wanted, str | None]:
    """What the plans of an earlier run found in these articles, and its level. InputError where they fit none."""
    from dedupe.edit import sha256
    from dedupe.io.restore import planned, source_for

    source = source_for(input, (plan.source for plan, _ in planned(name)))
    places = {(article.ordinal, sha256(article.text)): number for number, article in enumerate(articles)}
    wanted: dict[int, set[tuple[str, int, int]]] = {}
    level = None
    for plan, _ in planned(name, source):
        number = places.get((plan.ordinal, plan.sha256_before))
        if number is None:
            raise InputError(f"{name} was made of another text than {input}, line {plan.ordinal + 1}: clean it again")
        wanted[number] = {(decision.finding.code, *decision.finding.span) for decision in plan.decisions}
        level = plan.level
    return wanted, level
