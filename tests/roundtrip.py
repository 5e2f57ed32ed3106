"""What the tests of clean and undo share: a cleaner that cuts scissors, a file cleaned with it, and the way back."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import patch

from dedupe.cli import main
from dedupe.edit import apply, sha256
from dedupe.model import Article, Decision, Edit, Finding, Outcome, Plan, Safety, Span
from dedupe.pipeline import Cleaner, Result


def fake_clean(_: Cleaner, article: Article, neighbours: object) -> Result:  # noqa: ARG001
    """A cleaner that cuts every "✂" with what stands before it up to a space, and breaks on "boom"."""
    if "boom" in article.text:
        raise RuntimeError("boom")
    spans = [Span(*match.span()) for match in re.finditer(r"[^ ✂]*✂", article.text)]
    edits = tuple(Edit(span, article.text[slice(*span)], "", finding=i) for i, span in enumerate(spans))
    decisions = tuple(
        Decision(Finding("LAY001", span, "a pair of scissors", Safety.SAFE), Outcome.APPLIED, "cut") for span in spans
    )
    text = apply(article.text, edits)
    hashes = sha256(article.text), sha256(text)
    plan = Plan(article.id, article.source, article.ordinal, *hashes, "standard", "0", edits, decisions)
    return Result(article, text, plan)


def jsonl_of(source: Path, out: Path, *options: str) -> tuple[int, bytes]:
    """Clean a file with the fake cleaner, plan beside it: exit code and output."""
    with patch.object(Cleaner, "clean", fake_clean):
        code = main(["clean", str(source), "-o", str(out), "--report", f"{out}.plan.jsonl", "--jobs", "1", *options])
    return code, out.read_bytes() if out.exists() else b""


def undone(out: Path) -> bytes:
    """What undo makes of an output of `jsonl_of`."""
    back = out.with_stem("back")
    assert main(["undo", str(out), "--report", f"{out}.plan.jsonl", "-o", str(back)]) == 0
    return back.read_bytes()
