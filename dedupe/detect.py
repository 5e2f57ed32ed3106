"""Run rules. Pure: a document goes in, findings come out, always positions of the unchanged text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dedupe.model import Document, Finding
from dedupe.rule import Rule


def detect(document: Document, rules: Iterable[tuple[Rule, Any]]) -> tuple[Finding, ...]:
    """All findings of the rules (each with its options), in the order of the text, then of their codes."""
    findings = [finding for rule, options in rules for finding in rule.check(document, options)]
    return tuple(sorted(findings, key=lambda f: (f.span, f.code, f.message)))
