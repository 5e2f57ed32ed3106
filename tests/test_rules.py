"""One harness for the tables of all rules, and the contract that every rule keeps.

A table, `fixtures/rules/CODE.toml`, holds cases; each runs with its rule alone:

    [[hit]]             name, text, clean           what the rule changes; with clean = text, what it only reports
    [[keep]]            name, text                  what must come out unchanged, at the default level and the one given
    [[known_failure]]   name, text, clean, reason   what would be right and is not done yet
    no_known_failure = "reason"                     instead of known failures

Every case may have title, lang, markup ("markdown"), level (default "standard"), and seen: the texts of older articles
that an index holds. `message` is a part of what a hit must say; `found = false` where nothing may even be reported.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest

import dedupe
from dedupe.annotate import annotate
from dedupe.corpus.index import Index
from dedupe.lines.model import load
from dedupe.model import Article, Document, Outcome
from dedupe.pipeline import Result
from dedupe.rule import Rule, all_rules
from dedupe.segment import segment

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXTURES = Path(__file__).parents[1] / "fixtures"
CODES = {
    "REP001": "repeated-sentence",
    "REP002": "near-repeated-sentence",
    "REP003": "repeated-block",
    "REP004": "pull-quote",
    "REP005": "teaser",
    "REP006": "repeated-title",
    "REP007": "glued-repeat",
    "CAP001": "photo-credit",
    "CAP002": "caption",
    "CAP003": "media-placeholder",
    "LAY001": "stray-token",
    "LAY002": "share-bar",
    "LAY003": "newsletter-prompt",
    "LAY004": "advert-marker",
    "LAY005": "related-link",
    "LAY006": "navigation",
    "LAY007": "byline-block",
    "LAY008": "counter",
    "LAY009": "cookie-or-paywall",
    "LAY010": "legal-footer",
    "LAY011": "pager",
    "LAY012": "tag-list",
    "LAY090": "unlikely-line",
    "TXT001": "markup-leftover",
    "TXT002": "mojibake",
    "TXT003": "invisible-character",
    "TXT004": "quote-marker",
    "TXT005": "glued-sentences",
    "TXT006": "broken-wrap",
    "TPL001": "template-line",
    "TPL002": "template-slot",
    "DUP001": "same-article",
    "DUP002": "near-duplicate",
    "DUP003": "contained-passage",
}
"""The permanent codes. One is never renamed, given away, or used again."""

HEADINGS = ["What it does", "Why it matters", "Example", "Known false alarms", "Options"]
OPTIONAL = {"title", "url", "lang", "markup", "level", "seen", "message", "found"}
KEYS = {
    "hit": ({"name", "text", "clean"}, OPTIONAL),
    "keep": ({"name", "text"}, OPTIONAL),
    "known_failure": ({"name", "text", "clean", "reason"}, OPTIONAL),
}

RULES = all_rules()
TABLES = sorted((FIXTURES / "rules").glob("*.toml"))


def manual_sections(manual: str) -> dict[str, str]:
    """The sections of a manual page by heading. A heading is a line of its own, underlined with dashes."""
    parts = re.split(r"^(\S[^\n]*)\n-{3,}\n", manual, flags=re.MULTILINE)
    return {heading.strip(): body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


@cache
def table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def cases(kind: str) -> list[Any]:
    found = []
    for path in TABLES:
        for case in table(path).get(kind, []):
            marks = [pytest.mark.xfail(reason=case["reason"], raises=AssertionError)] if kind == "known_failure" else []
            found.append(pytest.param(path.stem, case, id=f"{path.stem}-{case['name']}", marks=marks))
    return found


def article(case: dict[str, Any]) -> Article:
    return Article(case["text"], **{name: case[name] for name in ("title", "url", "lang", "markup") if name in case})


@contextmanager
def seen(case: dict[str, Any]) -> Iterator[Index | None]:
    """An index of the articles that a case says were seen before."""
    if "seen" not in case:
        yield None
        return
    older = [Article(text, id=f"older-{number}") for number, text in enumerate(case["seen"], 1)]
    with tempfile.TemporaryDirectory() as folder, Index(Path(folder, "seen.db"), create=True) as index:
        index.add(older)
        yield index


def clean(code: str, case: dict[str, Any], level: str = "standard") -> Result:
    with seen(case) as index:
        result = dedupe.Cleaner(index=index, select=[code], level=level).clean(article(case))
    assert result.undo() == case["text"]
    explained(result)
    return result


def explained(result: Result) -> None:
    """Every finding has a reason; what a repeat was taken out for still stands."""
    text = result.article.text
    for decision in result.plan.decisions:
        finding = decision.finding
        assert finding.message.strip() and decision.reason.strip(), decision
        assert 0 <= finding.span.start <= finding.span.end <= len(text), decision
        if decision.outcome is Outcome.APPLIED and finding.code.startswith("REP"):
            witness = finding.witness
            assert witness is not None, f"{finding.code} takes a repeat out and does not say which copy stays"
            source, left = (result.article.title or "", None) if witness.field == "title" else (text, result.text)
            copy = source[witness.span.start : witness.span.end]
            assert copy.strip(), witness
            assert left is None or copy in left, f"the copy that stays is gone: {copy!r}"


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.stem)
def test_table_is_well_formed(path: Path) -> None:
    content = table(path)
    assert path.stem in CODES
    assert content.keys() <= {*KEYS, "no_known_failure"}
    assert len(content.get("hit", [])) >= 1, "a rule needs a case that it changes"
    assert len(content.get("keep", [])) >= 3, "a rule needs three look-alikes that must not change"
    if "known_failure" in content:
        assert "no_known_failure" not in content
    else:
        assert content.get("no_known_failure", "").strip(), "name a known failure, or the reason why none is known"
    for kind, (needed, optional) in KEYS.items():
        rows = content.get(kind, [])
        names = [row.get("name") for row in rows]
        assert len(set(names)) == len(names), f"two {kind} cases have one name"
        for row in rows:
            assert needed <= row.keys() <= needed | optional, f"{kind} {row.get('name')!r}: {sorted(row)}"


@pytest.mark.parametrize(("code", "case"), cases("hit"))
def test_hit(code: str, case: dict[str, Any]) -> None:
    result = clean(code, case, case.get("level", "standard"))
    assert result.text == case["clean"]
    assert result.plan.decisions, "nothing was found"
    assert case.get("message", "") in result.plan.decisions[0].finding.message
    if case["clean"] != case["text"]:
        assert any(d.outcome is Outcome.APPLIED for d in result.plan.decisions)


@pytest.mark.parametrize(("code", "case"), cases("keep"))
def test_keep(code: str, case: dict[str, Any]) -> None:
    for level in {"standard", case.get("level", "standard")}:
        result = clean(code, case, level)
        assert result.text == case["text"]
        assert case.get("found", True) or not result.plan.decisions, "it was reported"


@pytest.mark.parametrize(("code", "case"), cases("known_failure"))
def test_known_failure(code: str, case: dict[str, Any]) -> None:
    assert clean(code, case, case.get("level", "standard")).text == case["clean"]


@lru_cache(maxsize=1)
def documents() -> tuple[Document, ...]:
    """The texts of all tables and cases."""
    found = []
    for path in TABLES:
        for case in (case for kind in KEYS for case in table(path).get(kind, [])):
            with seen(case) as index:
                neighbours = index.neighbours([article(case)])[0] if index else ()
            found.append(annotate(segment(article(case)), load(), neighbours))
    for path in sorted((FIXTURES / "cases").glob("*/article.*")):
        text = path.read_bytes().decode("utf-8")
        given = Article(text, markup="markdown" if path.suffix == ".md" else "plain")
        found.append(annotate(segment(given), load()))
    return tuple(found)


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert {path.stem for path in TABLES} <= {rule.code for rule in RULES}, "a table without its rule"


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
class TestContract:
    def test_code_name_and_file(self, rule: Rule) -> None:
        assert CODES.get(rule.code) == rule.name
        assert rule.check.__module__ == f"dedupe.rules.{rule.code.lower()}_{rule.name.replace('-', '_')}"

    def test_manual_page(self, rule: Rule) -> None:
        lines = rule.manual.strip().splitlines()
        assert rule.summary.strip() and len(rule.summary) <= 120
        assert lines[1] == "", "the summary stands alone on the first line"
        sections = manual_sections(rule.manual)
        assert list(sections) == HEADINGS
        for heading, body in sections.items():
            assert body, f"nothing stands under {heading!r}"

    def test_options(self, rule: Rule) -> None:
        assert dataclasses.is_dataclass(rule.options)
        assert rule.options.__dataclass_params__.frozen  # type: ignore[attr-defined]
        section = manual_sections(rule.manual)["Options"]
        for field in dataclasses.fields(rule.options):
            assert field.default is not dataclasses.MISSING, f"option {field.name} has no default"
            assert field.name in section, f"option {field.name} is not in the manual"

    def test_has_a_table(self, rule: Rule) -> None:
        assert (FIXTURES / "rules" / f"{rule.code}.toml").is_file()

    def test_emits_its_own_code_only(self, rule: Rule) -> None:
        options = rule.options()
        for document in documents():
            size = len(document.article.text)
            for finding in rule.check(document, options):
                assert finding.code == rule.code
                assert 0 <= finding.span.start <= finding.span.end <= size
                for edit in finding.edits:
                    assert document.article.text[edit.span.start : edit.span.end] == edit.before

    def test_is_pure(self, rule: Rule) -> None:
        options = rule.options()
        for document in documents():
            assert list(rule.check(document, options)) == list(rule.check(document, options))
