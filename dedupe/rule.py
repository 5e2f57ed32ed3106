"""The contract of a rule, and the choice of rules.

A rule is one file in `dedupe/rules/`. Its docstring is its manual page, its `Options` dataclass its settings, and one
generator function, decorated with `@rule`, yields findings for a document:

    @rule("LAY001", "stray-token", Options)
    def stray_token(document: Document, options: Options) -> Iterator[Finding]: ...

A rule is pure: it sees the unchanged text, keeps no memory, and knows of no other rule.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dedupe.errors import ConfigError, nearest
from dedupe.model import Document, Edit, Finding, Span

Check = Callable[[Document, Any], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as found in its file: permanent code, name, manual page, kind of options, and the check itself.

    `scored` tells whether it reads what the line scorer says; its options then name the `model`.
    """

    code: str
    name: str
    manual: str
    options: type[Any]
    check: Check
    scored: bool = False

    @property
    def summary(self) -> str:
        """The first line of the manual page."""
        return self.manual.strip().splitlines()[0]


def rule(code: str, name: str, options: type[Any], scored: bool = False) -> Callable[[Check], Rule]:
    """Make a Rule of a generator function; the docstring of its module is the manual page."""

    def decorate(check: Check) -> Rule:
        return Rule(code, name, sys.modules[check.__module__].__doc__ or "", options, check, scored)

    return decorate


def cut(document: Document, span: Span) -> Edit:
    """The edit that takes a span out. It will take a separating space, or the line break of an emptied line, along."""
    return Edit(span, document.article.text[span.start : span.end], "", seam=True)


def replace(document: Document, span: Span, after: str) -> Edit:
    """The edit that puts `after` in the place of a span, and touches nothing around it."""
    return Edit(span, document.article.text[span.start : span.end], after)


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every rule that stands in `dedupe/rules/`, in the order of their codes."""
    package = importlib.import_module("dedupe.rules")
    found = [
        value
        for module in pkgutil.iter_modules(package.__path__)
        for value in vars(importlib.import_module(f"dedupe.rules.{module.name}")).values()
        if isinstance(value, Rule)
    ]
    return tuple(sorted(found, key=lambda r: r.code))


def selected(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules that a choice of codes, prefixes and names leaves; between select and ignore the longest match wins.

    >>> [r.code for r in selected(["TXT"], ["TXT002"])]
    ['TXT001', 'TXT003', 'TXT004', 'TXT005', 'TXT006']
    """
    rules = all_rules()
    select, ignore = tuple(select), tuple(ignore)
    for pattern in (*select, *ignore):
        if not any(_match(pattern, r) for r in rules):
            known = [r.code for r in rules] + [r.name for r in rules]
            raise ConfigError(f"unknown rule {pattern!r}{nearest(pattern, known) or '; `dedupe rules` lists all'}")

    def chosen(r: Rule) -> bool:
        wanted = max((_match(p, r) for p in select), default=0) if select else 1
        unwanted = max((_match(p, r) for p in ignore), default=0)
        return wanted > unwanted

    return tuple(r for r in rules if chosen(r))


def _match(pattern: str, r: Rule) -> int:
    """How closely a pattern names a rule: 0 not at all, more for a longer prefix, most for the name or whole code."""
    if pattern.lower() == r.name:
        return len(r.code) + 1
    return len(pattern) + 1 if pattern and r.code.startswith(pattern.upper()) else 0


def options_for(r: Rule, given: Mapping[str, Any]) -> Any:
    """The rule's options with what the configuration gives; an unknown name or a wrong type is refused.

    >>> rule = next(r for r in all_rules() if r.code == "REP001")
    >>> options_for(rule, {"min_words": 9}).min_words
    9
    """
    fields = {f.name: f for f in dataclasses.fields(r.options)}
    for name, value in given.items():
        if name not in fields:
            known = ", ".join(fields) or "none"
            raise ConfigError(f"rule {r.code} has no option {name!r}{nearest(name, fields)}; it has: {known}")
        default = fields[name].default
        if isinstance(value, bool) != isinstance(default, bool) or not isinstance(value, (type(default), int)):
            raise ConfigError(f"option {name!r} of rule {r.code} must be {type(default).__name__}, not {value!r}")
        if isinstance(value, int) and value < 0:
            raise ConfigError(f"option {name!r} of rule {r.code} must not be negative: {value}")
    return r.options(**given)
