"""What stands below an article about those who wrote it: who signs, who helped, notes on the author."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedupe.agency import agency
from dedupe.bylines import (
    CAPITALISED,
    MAIL,
    SUMMARY,
    Wordings,
    has_small_word,
    in_byline_above,
    is_name,
    is_new,
    wordings_of,
)
from dedupe.normalise import key, length
from dedupe.page import Page
from dedupe.traits import LEADS_UP, finished

_AGENCY_WORDS = 4
_JOB_WORDS = 30
_NOTE_SENTENCES, _NOTE_WORDS, _FOLLOW_WORDS = 4, 80, 8
_HANDLE = re.compile(r"(?<![\w.])@\w{3,}")
_REACHED_AT = re.compile(
    rf"{MAIL.pattern}|@\w{{3,}}|(?:https?://)?(?:www\.)?(?:twitter|x|facebook|instagram)\.com/[\w.]+/?"
)
"""Addresses of persons: mail, handles, profiles."""
_CLOSED = ('"', "”", "»", "“", "’", "'")


def signature_of(page: Page) -> dict[int, str]:
    """The last line, or the last two, where they say who wrote the article: an agency, a source, a name that is new."""
    n, known = len(page.lines) - 1, wordings_of(page.document.lang)
    words, above = page.texts[n], page.texts[n - 1]
    if n <= page.last or page.blocks[n].kind != "text" or finished(words):
        return {}
    if above.endswith(LEADS_UP) and known.source.fullmatch(f"{above} {words}"):
        return dict.fromkeys((n - 1, n), "the source of the article")
    if is_name(page, n) and in_byline_above(page, page.blocks[n].key):
        return {n: "the name of the byline again"}
    if page.cues[n - 1] is None and (not page.prose(n - 1) or above.endswith(_CLOSED)):
        return {}
    if agency(words) and words[0].isalpha() and words[-1].isalpha() and length(page.blocks[n].key) <= _AGENCY_WORDS:
        return {n: "the agency that the article is from"}
    if known.source.fullmatch(words):
        return {n: "the source of the article"}
    return {n: "a name alone below the article"} if is_name(page, n) and is_new(page, n, page.blocks[n].key) else {}


def notes_on_authors(page: Page) -> Iterator[tuple[int, str]]:
    """The notes on the author that bear no wording: the line, and what it is."""
    about, known = "", wordings_of(page.document.lang)
    for n in range(page.first + 1, len(page.lines)):
        words = page.texts[n]
        if _ends_prose(page, n) and len(page.blocks[n].sentences) == 1 and known.helped.fullmatch(words):
            yield n, "who contributed to the article"
            continue
        if n < page.last - 1 - SUMMARY:
            continue
        if n > page.last and _REACHED_AT.fullmatch(words) and _stands_apart(page, n):
            yield n, "an address alone below the article"
        elif "@" in words and page.last <= n + SUMMARY and _tells_where(words, known):
            yield n, "a note on the author, with an address"
        elif n >= page.last and _says_job(page, n, known):
            yield n, "what the author does"
        elif n >= page.last and _ends_in_handle(page, n, known):
            yield n, "a note on the author, whom readers may follow"
        elif about and page.prose(n) and f" {about} " in f" {page.blocks[n].key} ":
            yield n - 1, "the heading of a note on the author"
            yield n, "a note on the author"
        found = known.about.fullmatch(words.replace("’", "'"))
        name = found[found.lastindex or 0] if found else ""
        about = key(name) if name and not has_small_word(name, known) and is_new(page, n, key(name)) else ""


def _ends_prose(page: Page, n: int) -> bool:
    """Is it among the last paragraphs, or does layout stand below it?"""
    return n >= page.last - 1 or (page.cues[n + 1] is not None and not page.prose(n + 1))


def _says_job(page: Page, n: int, known: Wordings) -> bool:
    """Is it one sentence that says of somebody, whom only the byline names, that they report or edit?"""
    found = known.works.fullmatch(page.texts[n]) if len(page.blocks[n].sentences) == 1 else None
    if found is None or length(page.blocks[n].key) > _JOB_WORDS:
        return False
    return is_new(page, n, key(found[1])) and (" " in found[1] or in_byline_above(page, key(found[1])))


def _ends_in_handle(page: Page, n: int, known: Wordings) -> bool:
    """Is it a paragraph of a few sentences, one of the last two of which says where to follow somebody?"""
    document, sentences = page.document, page.blocks[n].sentences
    if not 1 < len(sentences) <= _NOTE_SENTENCES or length(page.blocks[n].key) > _NOTE_WORDS:
        return False
    last = (document.article.text[slice(*document.sentences[i].body)] for i in sentences[1:][-2:])
    return any(known.follow.match(words) and "," not in words and length(key(words)) <= _FOLLOW_WORDS for words in last)


def _stands_apart(page: Page, n: int) -> bool:
    """Does what stands above an address not lead up to it?"""
    above = page.texts[n - 1]
    return page.cues[n - 1] is not None or finished(above) or _REACHED_AT.fullmatch(above) is not None


def _tells_where(words: str, known: Wordings) -> bool:
    """Does it give the address of a person whom it names, behind the name or beside a handle of theirs?"""
    mail, handle = MAIL.search(words), _HANDLE.search(words)
    if not mail:
        return False
    names = {name.lower() for name in CAPITALISED.findall(words)}
    if not any(name in mail[0].partition("@")[0].lower() for name in names):
        return False
    handled = handle is not None and any(name in handle[0].lower() for name in names)
    return handled or known.note.match(words) is not None
