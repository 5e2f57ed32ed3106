"""Whole articles through the command line: `fixtures/cases/<name>/`.

article.txt or article.md is what a scraper left, clean.txt or clean.md what a careful editor makes of it (written by
hand; absent where nothing may change), config.toml the configuration, plan.jsonl the plan. `DEDUPE_UPDATE=1 pytest
tests/test_cases.py` writes the plans anew, for cases whose text comes out right.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from dedupe.cli import main

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "fixtures" / "cases").glob("*/article.*"))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["dedupe", *arguments])
    try:
        return main() or 0  # type: ignore[func-returns-value]
    except SystemExit as ending:
        return int(ending.code or 0)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    article = next(case.glob("article.*"))
    wanted = case / f"clean{article.suffix}"
    before = article.read_bytes()
    expected = wanted.read_bytes() if wanted.exists() else before
    shutil.copy(article, tmp_path)
    monkeypatch.chdir(tmp_path)
    cleaned, plan, restored = f"out{article.suffix}", "plan.jsonl", f"back{article.suffix}"
    options = ["--config", str(case / "config.toml")] if (case / "config.toml").exists() else []

    assert run(monkeypatch, "clean", article.name, "-o", cleaned, "--report", plan, *options) == 0
    assert (tmp_path / cleaned).read_bytes().decode() == expected.decode()
    assert run(monkeypatch, "undo", cleaned, "--report", plan, "-o", restored) == 0
    assert (tmp_path / restored).read_bytes() == before

    lines = [json.loads(line) for line in (tmp_path / plan).read_text("utf-8").splitlines()]
    for line in lines:
        line["version"] = "any"
    stored = case / "plan.jsonl"
    if os.environ.get("DEDUPE_UPDATE"):
        stored.write_bytes("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
    assert [json.loads(line) for line in stored.read_text("utf-8").splitlines()] == lines


def test_every_case_is_told_apart() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 16
    for case in CASES:
        assert case.name.startswith("clean-") != any(case.glob("clean.*")), "a clean- case changes nothing, others do"
