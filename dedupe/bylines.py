"""The names of those who wrote an article, as lines above and below it have them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from dedupe.page import Page
from dedupe.wordings import any_of, words_for, words_of_all

MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ADDRESS = re.compile(rf"{MAIL.pattern}|@\w{{3,}}|https?://\S+")
CAPITALISED = re.compile(r"(?<![@\w])[^\W\d_a-z]\w{2,}")
_LONGEST_NAME, _INITIALS = 15, 4
SUMMARY = 2
"""What bears a byline's wording below so many paragraphs at most stands below the summary of the article."""
CONTACT = re.compile(rf"{ADDRESS.pattern}|\(?\+?\d[\d() .-]{{5,}}\d")
"""Addresses and telephone numbers, as they stand behind an author's name."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """Patterns of the data file for texts of a language; `joints` stand between names, `small` words inside them."""

    joints: frozenset[str]
    small: frozenset[str]
    name: re.Pattern[str]
    names: re.Pattern[str]
    about: re.Pattern[str]
    note: re.Pattern[str]
    source: re.Pattern[str]
    helped: re.Pattern[str]
    works: re.Pattern[str]
    follow: re.Pattern[str]
    clock: re.Pattern[str]


@cache
def wordings_of(lang: str) -> Wordings:
    """The patterns for texts of a language."""
    kinds = ("and", "clock", "is", "source", "helped", "works", "jobs", "follow")
    joined, clock, is_, source, helped, works, jobs, follow = (
        any_of(words_for(lang, "bylines", kind)) for kind in kinds
    )
    small = words_of_all("bylines", "particles")
    writers = "(?:staff |video )?(?:writer|reporter|correspondent|journalist|producer)s?"
    capital = r"[^\W\d_a-z][\w’'.-]*"
    name = rf"{capital}(?: (?:{capital}|{any_of(small)})){{1,3}}"
    about = (wording.partition("{name}") for wording in words_for(lang, "bylines", "about"))
    headings = "|".join(rf"{re.escape(before)}({name}){re.escape(behind)}" for before, _, behind in about)
    joints = frozenset(("&", *words_for(lang, "bylines", "and")))
    return Wordings(
        joints,
        joints.union(small),
        re.compile(name),
        re.compile(rf"{name}(?:(?:,? {joined} | & |, ){name}(?: {capital}){{0,2}}|, {capital})"),
        re.compile(headings),
        re.compile(rf"{name} \(\s?{MAIL.pattern}\s?\) {is_}\s"),
        re.compile(rf"{source}\s?[:：]\s*\S.{{1,40}}", re.IGNORECASE),
        re.compile(
            rf"{capital},? (?:{writers} )?{capital}"
            rf"(?:,? (?:{capital}|{joined}|{any_of(small)}|{writers}|in|from))*,? {helped}"
            rf"(?: (?:from|in) {capital}(?: {capital})*)?\.?"
        ),
        re.compile(
            rf"({name}|{capital})\s{works} (?:[^\W\d_][\w-]* ){{0,4}}(?i:{jobs})(?!\w)"
            rf"(?:(?! (?:who|whose|which|that|qui|que|che) )[^.!?,])*\.?"
        ),
        re.compile(rf"{follow}\s"),
        re.compile(rf"(?:{clock}\.?\s?)?\d{{1,2}}(?:\s?(?:[:.]|{clock})\s?\d\d)?(?:\s?{clock}\.?)?", re.IGNORECASE),
    )


def is_strange(page: Page, n: int) -> bool:
    """Has a line no word of the title?"""
    return set(page.title.split()).isdisjoint(page.blocks[n].key.split())


def are_names(page: Page, n: int) -> bool:
    """Is a line nothing but two names, or a name and a word for whom they write, none of the title?"""
    known, words = wordings_of(page.document.lang), page.texts[n]
    return is_strange(page, n) and known.names.fullmatch(words) is not None and not has_small_word(words, known)


def has_small_word(words: str, known: Wordings) -> bool:
    """Does a word begin with a small letter that is none of those between and inside names?"""
    return any(word[0].islower() and word not in known.small for word in words.split())


def is_name(page: Page, n: int) -> bool:
    """Is a line two to four capitalised words, none of the title, perhaps with an address or source behind them?"""
    words, known = page.texts[n], wordings_of(page.document.lang)
    words = (CONTACT.sub("", words) if "@" in words else words).partition("/")[0].strip()
    if not words:
        return False
    short = all(len(name) <= (_INITIALS if name.endswith(".") else _LONGEST_NAME) for name in words.split())
    short = short and len(words.split()[-1]) > 1
    return is_strange(page, n) and short and known.name.fullmatch(words) is not None and in_capitals(words.split())


def is_new(page: Page, n: int, name: str) -> bool:
    """Is it nobody whom the title or a paragraph above names, as it names those whom it is about?"""
    said = (page.title, *(page.blocks[m].key for m in page.paragraphs[: page.paragraphs_above(n)]))
    return not any(f" {name} " in f" {words} " for words in said)


def in_byline_above(page: Page, name: str) -> bool:
    """Does a byline at the top of the page hold a name?"""
    top = (n for n in page.bearing(["byline"]) if page.paragraphs_above(n) <= SUMMARY)
    return any(f" {name} " in f" {page.blocks[n].key} " for n in top)


def in_capitals(names: Iterable[str]) -> bool:
    return all(name[0].isupper() for name in names)
