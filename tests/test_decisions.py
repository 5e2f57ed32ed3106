"""What a person decided: it beats every level, changes nothing else, and does no harm where it no longer fits."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from articles import articles
from hypothesis import given, settings
from hypothesis import strategies as st
from shell import CLEAN, DIRTY, REPEAT, Shell, jsonl, put
from shell import shell as shell

from dedupe import Article, Cleaner, clean
from dedupe.annotate import annotate
from dedupe.decisions import Verdict, Verdicts, Word, fit, line, read, verdict_on
from dedupe.errors import InputError
from dedupe.model import Edit, Finding, Outcome, Safety, Span
from dedupe.pipeline import Result
from dedupe.policy import Policy
from dedupe.report.plan import dump
from dedupe.resolve import resolve
from dedupe.segment import segment

LEVELS = ["safe", "standard", "strict"]
THREE = f"Ferries sail again. share\n\n{REPEAT}\n\nThe lorries wait. layers\n\n{REPEAT}\n"


def decided(result: Result, words: dict[int, Word]) -> list[Verdict]:
    """Verdicts on findings of a result, by their place."""
    return [verdict_on(result.article, result.plan.decisions[i].finding, word) for i, word in words.items()]


def save(name: str, verdicts: list[Verdict]) -> Path:
    return put(name, b"".join(dump(line(verdict)) for verdict in verdicts))


def outcomes(result: Result) -> list[Outcome]:
    return [decision.outcome for decision in result.plan.decisions]


# --- properties


@st.composite
def cleaned(draw: st.DrawFn) -> tuple[str, Result, dict[int, Word]]:
    """A level, an article cleaned at it, and a word on some of the findings."""
    level, article = draw(st.sampled_from(LEVELS)), draw(articles())
    result = clean(article, level=level)
    places = st.integers(0, max(0, len(result.plan.decisions) - 1))
    words = st.dictionaries(places, st.sampled_from(["accept", "reject"])) if result.plan.decisions else st.just({})
    return level, result, draw(words)  # type: ignore[arg-type]


def again(level: str, result: Result, verdicts: list[Verdict]) -> Result:
    return Cleaner(level=level, decisions=Verdicts(verdicts)).clean(result.article)


def distinct(verdicts: list[Verdict]) -> list[Verdict]:
    """Without the findings of one rule at one place, which share their verdict."""
    return list({verdict[2:5]: verdict for verdict in verdicts}.values())


@settings(max_examples=60, deadline=None)
@given(cleaned())
def test_decisions_on_other_articles_change_nothing(case: tuple[str, Result, dict[int, Word]]) -> None:
    level, result, words = case
    elsewhere = [verdict._replace(article="another", sha256_before="0") for verdict in decided(result, words)]
    assert again(level, result, elsewhere).plan == result.plan


@settings(max_examples=60, deadline=None)
@given(cleaned())
def test_a_text_stays_when_all_is_rejected(case: tuple[str, Result, dict[int, Word]]) -> None:
    level, result, _ = case
    kept = again(level, result, decided(result, dict.fromkeys(range(len(result.plan.decisions)), "reject")))
    assert kept.text == result.article.text
    assert set(outcomes(kept)) <= {Outcome.REJECTED}


@settings(max_examples=150, deadline=None)
@given(cleaned())
def test_exactly_what_is_rejected_stands_again(case: tuple[str, Result, dict[int, Word]]) -> None:
    level, result, words = case
    verdicts = decided(result, dict.fromkeys(words, "reject"))
    kept = again(level, result, verdicts)
    places = {verdict[2:5] for verdict in verdicts}
    for before, after in zip(result.plan.decisions, kept.plan.decisions, strict=True):
        if (before.finding.code, *before.finding.span) in places:
            assert (after.outcome, after.reason) == (Outcome.REJECTED, "rejected by a person")
        else:
            assert after == before
    assert kept.undo() == result.article.text


@settings(max_examples=150, deadline=None)
@given(cleaned())
def test_accepting_applies_and_takes_nothing_that_others_need(case: tuple[str, Result, dict[int, Word]]) -> None:
    level, result, words = case
    verdicts = distinct(decided(result, words))
    done = again(level, result, verdicts)
    word_at = {verdict[2:5]: verdict.verdict for verdict in verdicts}
    applied = [d.finding for d in done.plan.decisions if d.outcome is Outcome.APPLIED]
    for decision in done.plan.decisions:
        finding = decision.finding
        word = word_at.get((finding.code, *finding.span))
        assert (decision.outcome is Outcome.REJECTED) == (word == "reject")
        if word == "accept":
            free = {Outcome.APPLIED, Outcome.OVERLAPS, Outcome.WITNESS_LOST}
            assert decision.outcome in (free if finding.edits else {Outcome.NO_FIX})
        if decision.outcome is Outcome.APPLIED and finding.witness and finding.witness.field == "text":
            start, end = finding.witness.span
            cuts = [edit.span for other in applied for edit in other.edits if edit.seam]
            assert not any(cut.start < end and start < cut.end for cut in cuts)
    assert done.undo() == result.article.text


@settings(max_examples=60, deadline=None)
@given(cleaned())
def test_accepting_what_is_applied_changes_nothing(case: tuple[str, Result, dict[int, Word]]) -> None:
    level, result, _ = case
    applied = [i for i, outcome in enumerate(outcomes(result)) if outcome is Outcome.APPLIED]
    done = again(level, result, decided(result, dict.fromkeys(applied, "accept")))
    assert (done.plan.edits, outcomes(done)) == (result.plan.edits, outcomes(result))


@settings(max_examples=60, deadline=None)
@given(cleaned(), st.randoms(use_true_random=False))
def test_order_counts_only_among_lines_on_one_finding(
    case: tuple[str, Result, dict[int, Word]], random: Random
) -> None:
    level, result, words = case
    verdicts = distinct(decided(result, words))
    mixed = random.sample(verdicts, len(verdicts))
    done = again(level, result, verdicts)
    assert again(level, result, mixed).plan == done.plan
    opposite = [v._replace(verdict="reject" if v.verdict == "accept" else "accept") for v in verdicts]
    assert again(level, result, [*opposite, *mixed]).plan == done.plan


verdicts_of_any_kind = st.builds(
    Verdict,
    st.none() | st.text(),
    st.text("0123456789abcdef", max_size=8),
    st.text(),
    st.integers(0, 99),
    st.integers(100, 10**9),
    st.text(),
    st.sampled_from(["accept", "reject"]),
)


@given(st.lists(verdicts_of_any_kind))
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, verdicts: list[Verdict]) -> None:
    path = tmp_path_factory.getbasetemp() / "decisions.jsonl"
    path.write_bytes(b"".join(dump(line(verdict)) for verdict in verdicts))
    last = {verdict[:5]: verdict for verdict in verdicts}
    assert set(read(path).numbered) == set(last.values())


# --- what a decision does


def test_an_accept_applies_what_the_level_holds_back() -> None:
    held = clean(DIRTY, level="safe")
    assert outcomes(held) == [Outcome.TOO_RISKY]
    done = again("safe", held, decided(held, {0: "accept"}))
    assert done.text == CLEAN
    assert done.plan.decisions[0].reason == "accepted by a person"


def test_an_accept_applies_what_the_budget_holds_back() -> None:
    text = "Photo: Nils Arden"
    held = clean(text)
    assert Outcome.OVER_BUDGET in outcomes(held)
    done = again("standard", held, decided(held, {outcomes(held).index(Outcome.OVER_BUDGET): "accept"}))
    assert done.text == ""
    assert done.undo() == text


def test_a_rejected_word_is_not_taken_by_another_rule_in_its_place() -> None:
    article = Article(THREE)
    result = clean(article, level="strict")
    applied = [i for i, outcome in enumerate(outcomes(result)) if outcome is Outcome.APPLIED]
    kept = again("strict", result, decided(result, dict.fromkeys(applied, "reject")))
    assert kept.text == THREE


def test_the_configuration_still_suppresses_what_is_accepted() -> None:
    result = clean(DIRTY)
    accepted = Verdicts(decided(result, {0: "accept"}))
    assert outcomes(Cleaner(allow="layers", decisions=accepted).clean(DIRTY)) == [Outcome.SUPPRESSED]


PAGE = (
    "Harbour master Edda Kroll said the old quay was safe.\n"
    f"{REPEAT} layers\n"
    "The ferry to Lindvoe sailed again on Monday after nine days in port.\n"
)


def decide(budget: float, cuts: list[str], accepted: set[int], rejected: set[int]) -> list[Outcome]:
    """What becomes of cuts in PAGE, surely right and proposed in this order."""
    spans = [Span(PAGE.index(cut), PAGE.index(cut) + len(cut)) for cut in cuts]
    findings = [
        Finding("LAY001", span, "", Safety.SAFE, (Edit(span, cut, "", seam=True),))
        for span, cut in zip(spans, cuts, strict=True)
    ]
    document = annotate(segment(Article(PAGE)))
    return [d.outcome for d in resolve(document, findings, Policy(budget=budget), accepted, rejected)]


def test_what_lies_in_a_rejected_cut_stays_unless_it_is_accepted() -> None:
    cuts = [f"{REPEAT} layers", "layers"]
    assert decide(1, cuts, set(), set()) == [Outcome.APPLIED, Outcome.OVERLAPS]
    assert decide(1, cuts, set(), {0}) == [Outcome.REJECTED, Outcome.OVERLAPS]
    assert decide(1, cuts, {1}, {0}) == [Outcome.REJECTED, Outcome.APPLIED]
    assert decide(1, cuts, {1}, set()) == [Outcome.APPLIED, Outcome.OVERLAPS]


def test_what_costs_no_prose_is_cut_even_when_an_accept_has_used_up_the_budget() -> None:
    assert decide(0, [REPEAT, "layers"], set(), set()) == [Outcome.OVER_BUDGET, Outcome.APPLIED]
    assert decide(0, [REPEAT, "layers"], {0}, set()) == [Outcome.APPLIED, Outcome.APPLIED]


# --- what fits


def finding(text: str, at: int, length: int = 6, code: str = "LAY001") -> Finding:
    assert text[at : at + length].strip()
    return Finding(code, Span(at, at + length), "", Safety.LIKELY)


def placed(article: Article, verdicts: list[Verdict], *findings: Finding) -> dict[int, Word]:
    return {number: verdict.verdict for number, verdict in fit(Verdicts(verdicts).of(article), article, findings)}


OLD = Article("Snow fell. layers\nRain came. layers\n", id="7")
FIRST = verdict_on(OLD, finding(OLD.text, 11), "reject")
SECOND = verdict_on(OLD, finding(OLD.text, 29), "accept")
NEW = Article(f"Updated.\n{OLD.text}", id="7")


def test_a_decision_on_an_edited_text_is_found_by_code_and_text() -> None:
    both = finding(NEW.text, 20), finding(NEW.text, 38)
    assert placed(OLD, [SECOND, FIRST], finding(OLD.text, 29), finding(OLD.text, 11)) == {0: "accept", 1: "reject"}
    assert placed(NEW, [SECOND, FIRST], *both) == {0: "reject", 1: "accept"}
    assert placed(NEW, [SECOND, FIRST], *reversed(both)) == {0: "accept", 1: "reject"}
    assert placed(NEW, [FIRST], both[0]) == {0: "reject"}
    assert placed(NEW, [FIRST], both[0], both[0]) == {0: "reject", 1: "reject"}
    assert placed(NEW, [FIRST], *both) == {}  # which of the two?
    assert placed(NEW, [FIRST, SECOND], both[0]) == {}
    assert placed(NEW, [FIRST], finding(NEW.text, 20, code="LAY002")) == {}
    assert placed(NEW, [FIRST], finding(NEW.text, 20, length=5)) == {}


def test_a_decision_on_the_new_text_counts_more_than_one_on_the_old() -> None:
    there = finding(NEW.text, 20)
    fresh = verdict_on(NEW, there, "accept")
    for order in ([FIRST, fresh], [fresh, FIRST]):
        assert placed(NEW, order, there) == {0: "accept"}
    later = fresh._replace(sha256_before="0", verdict="reject")
    assert placed(NEW, [fresh, later, fresh], there) == {0: "accept"}
    assert placed(NEW, [fresh, later], there) == {0: "reject"}


def test_an_article_is_known_by_its_id_or_by_its_very_text() -> None:
    verdicts = Verdicts([FIRST, SECOND._replace(article=None)])
    assert verdicts.of(OLD) == (FIRST, SECOND._replace(article=None))
    assert verdicts.of(NEW) == (FIRST,)
    assert verdicts.of(Article(OLD.text)) == (FIRST, SECOND._replace(article=None))
    assert verdicts.of(Article(OLD.text, id="8")) == (SECOND._replace(article=None),)
    assert verdicts.of(Article(NEW.text)) == verdicts.of(Article(NEW.text, id="8")) == ()


def test_decisions_of_a_file_have_the_numbers_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(b"\n" + dump(line(FIRST)) + b"\n" + dump(line(SECOND)))
    assert read(path).numbered == {FIRST: 2, SECOND: 4}
    said = list(read(path).left({FIRST}))
    assert said == [f"decision 4 of {path} fits no finding: accept LAY001 in article 7: “layers”"]


GOOD = line(FIRST)


@pytest.mark.parametrize(
    ("damaged", "says"),
    [
        ("{", "no line of JSON"),
        ("[" * 100_000, "no line of JSON"),
        ("[]", "must be an object"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "code"}), "'code' is missing"),
        (json.dumps(GOOD | {"start": "11"}), "'start' is of the wrong kind: '11'"),
        (json.dumps(GOOD | {"start": True}), "'start' is of the wrong kind"),
        (json.dumps(GOOD | {"article": 7}), "'article' is of the wrong kind: 7"),
        (json.dumps(GOOD | {"start": -1}), "no place in a text: -1, 17"),
        (json.dumps(GOOD | {"start": 18}), "no place in a text: 18, 17"),
        (json.dumps(GOOD | {"verdict": "maybe"}), "must be accept or reject, not 'maybe'"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, damaged: str, says: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{damaged}\n")
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}, line 2: ")
    assert says in str(error.value)


# --- the whole loop


def records(text: str) -> str:
    return jsonl("Snow fell on Velm. layers", text)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl"])
def test_clean_reject_clean_undo(dedupe: Shell, name: str) -> None:
    content = records(THREE) if name == "a.jsonl" else THREE
    put(name, content)
    assert dedupe("clean", name, "-o", f"1-{name}", "--report", "1.jsonl").code == 0
    plan = json.loads(Path("1.jsonl").read_text().splitlines()[-1])
    assert sorted(found["code"] for found in plan["findings"]) == ["LAY001", "LAY001", "REP001"]
    rejected = [found for found in plan["findings"] if found["text"] in (REPEAT, "layers")]
    keys = ("code", "start", "end", "text")
    put(
        "d.jsonl",
        "".join(
            json.dumps(
                {"article": plan["article"], "sha256_before": plan["sha256_before"], "verdict": "reject"}
                | {key: found[key] for key in keys}
            )
            + "\n"
            for found in rejected
        ),
    )
    run = dedupe("clean", name, "--decisions", "d.jsonl", "-o", f"2-{name}", "--report", "2.jsonl")
    assert run.code == 0
    assert "fits no finding" not in run.err
    kept = THREE.replace(" share", "")
    if name == "a.jsonl":
        assert Path("2-a.jsonl").read_text() == records(kept).replace("Velm. layers", "Velm.")
    else:
        assert Path(f"2-{name}").read_text() == kept
    after = json.loads(Path("2.jsonl").read_text().splitlines()[-1])
    assert sorted(f["text"] for f in after["findings"] if f["outcome"] == "rejected") == sorted([REPEAT, "layers"])
    dedupe("undo", f"2-{name}", "--report", "2.jsonl", "-o", f"3-{name}")
    assert Path(f"3-{name}").read_text() == content


def test_what_no_longer_fits_is_reported_and_does_no_harm(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    result = clean(DIRTY)
    gone = [Verdict(None, "0", "LAY001", i, i + 5, "share", "accept") for i in range(9)]
    save("d.jsonl", [*gone, *decided(result, {0: "reject"}), FIRST])
    for command in ("clean", "scan"):
        run = dedupe(command, "a.txt", "--decisions", "d.jsonl")
        assert run.code == 0
        assert "decision 1 of d.jsonl fits no finding: accept LAY001: “share”\n" in run.err
        assert "decision 10 " not in run.err
        assert "… and 2 more decisions that fit no finding\n" in run.err
        assert run.out == (DIRTY.encode() if command == "clean" else b"")
    save("d.jsonl", gone)
    assert dedupe("clean", "a.txt", "--decisions", "d.jsonl").out == CLEAN.encode()


def test_scan_counts_what_is_accepted(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    save("d.jsonl", decided(clean(DIRTY), {0: "accept"}))
    assert dedupe("scan", "a.txt", "--level", "safe").code == 0
    assert dedupe("scan", "a.txt", "--level", "safe", "--decisions", "d.jsonl").code == 1


def test_the_decisions_are_never_overwritten(dedupe: Shell) -> None:
    put("a.jsonl", jsonl(DIRTY))
    save("d.jsonl", [FIRST])
    before = Path("d.jsonl").read_bytes()
    code, _, err = dedupe("clean", "a.jsonl", "--decisions", "d.jsonl", "-o", "d.jsonl")
    assert (code, Path("d.jsonl").read_bytes()) == (2, before)
    assert "is an input" in err
    assert dedupe("clean", "a.jsonl", "--decisions", "none.jsonl").err == (
        "dedupe: cannot read none.jsonl: No such file or directory; check the name\n"
    )


def test_a_rejected_duplicate_is_not_dropped(dedupe: Shell) -> None:
    text = " ".join(
        f"On day {i} the ferry to Lindvoe sailed with {i * 7} lorries and a crew of {i + 3}." for i in range(9)
    )
    entries = [{"id": name, "text": text} for name in ("old", "new", "newer")]
    put("old.jsonl", json.dumps(entries[0]) + "\n")
    put("new.jsonl", "".join(json.dumps(entry) + "\n" for entry in entries[1:]))
    dedupe("index", "add", "seen.db", "old.jsonl")
    drop = ("clean", "new.jsonl", "--index", "seen.db", "--drop", "--report", "p.jsonl", "-o", "out.jsonl")
    dedupe(*drop)
    assert Path("out.jsonl").read_text() == ""
    plan = json.loads(Path("p.jsonl").read_text().splitlines()[0])
    (found,) = [f for f in plan["findings"] if f["code"] == "DUP001"]
    place = Verdict("new", plan["sha256_before"], "DUP001", found["start"], found["end"], found["text"], "reject")
    save("d.jsonl", [place])
    assert "fits no finding" not in dedupe(*drop, "--decisions", "d.jsonl").err
    assert [json.loads(kept)["id"] for kept in Path("out.jsonl").read_text().splitlines()] == ["new"]
