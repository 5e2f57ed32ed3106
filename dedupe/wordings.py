"""Wordings and lexicons of the rules: the TOML files in `dedupe/rules/data`, read once each, when first needed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@cache
def wordings(name: str) -> dict[str, Any]:
    """The contents of the data file `NAME.toml`. It is shared: read it, never change it.

    >>> "expand_more" in wordings("stray_tokens")["ligatures"].split()
    True
    """
    return tomllib.loads((files("dedupe.rules") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def words_for(lang: str, name: str, kind: str) -> list[str]:
    """What the tables of a data file list for texts of a language: its own words and the English ones.

    >>> words_for("sv", "bylines", "and")
    ['and', 'och']
    """
    tables = wordings(name)
    return [word for own in dict.fromkeys(("en", lang)) for word in tables.get(own, {}).get(kind, ())]


def words_of_all(name: str, kind: str) -> list[str]:
    """What the tables of a data file list, of all languages."""
    return [word for table in wordings(name).values() for word in table.get(kind, ())]


def any_of(words: Iterable[str]) -> str:
    """A regular expression that matches any of the words as they stand, the longest first, and nothing where there are
    none; white space is elastic.

    >>> any_of(["photo", "photo by"])
    '(?:photo\\\\s+by|photo)'
    """
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    alternatives = [r"\s+".join(map(re.escape, word.split())) for word in longest_first]
    return f"(?:{'|'.join(alternatives) or '(?!)'})"
