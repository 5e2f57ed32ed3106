"""HTML entities, HTML tags and shortcodes that stand in the text as words.

What it does
------------
Puts the character in the place of an entity (`&amp;`, `&#8217;`, `&amp;quot;`), and takes out HTML tags (`<br>`,
`</div>`, `<a href="…">`) and the shortcodes of WordPress and of forums (`[caption id="…"]`, `[/b]`). The words between
tags stay. A tag that broke a line or a paragraph leaves a space, so that words never run together. In Markdown, where
HTML is legal, entities and tags are only reported; code is left alone everywhere.

Why it matters
--------------
Markup that was escaped twice, or that a scraper did not understand, is read as words: it breaks sentence boundaries and
makes two copies of one sentence look different.

Example
-------
`Bread &amp; butter<br>The shop opens again.` becomes `Bread & butter The shop opens again.`

Known false alarms
------------------
Articles about HTML show tags on purpose. Where the text speaks of HTML, CSS, XML, JavaScript or BBCode, or a tag stands
between spaces like a word ("the <div> element"), it is only reported. `<sub>` and `<sup>` are only reported too:
without them 10<sup>2</sup> would read 102.

Options
-------
None.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dedupe.matching import places_at
from dedupe.model import Document, Finding, Safety, Span
from dedupe.rule import cut, replace, rule

_BREAKING = (
    "br|p|div|hr|li|ul|ol|dl|dt|dd|h[1-6]|tr|td|th|table|tbody|thead|blockquote|section|article|center"
    "|figure|figcaption"
)
_INLINE = "a|abbr|b|big|cite|del|em|font|i|iframe|img|ins|q|s|small|span|strike|strong|sub|sup|u"
_ATTRIBUTES = (
    r"""(?:\s+[A-Za-z][\w:-]{0,30}(?:\s?=\s?(?:"[^"<\n]{0,600}"|'[^'<\n]{0,600}'|[^\s"'<>=`]{1,300}))?){0,12}"""
)
_CODES = (
    "caption|embed|gallery|audio|video|playlist|youtube|vimeo|tweet|instagram|soundcloud|vc_\\w+|et_pb_\\w+|su_\\w+"
)
_FORUM = "b|i|u|s|url|img|quote|color|size|font|center|list|spoiler"
_LEFTOVER = re.compile(
    r"(?P<sample>`[^`\n]+`)|"
    rf"(?P<tag>(?:<|&(?:amp;)*lt;)(?P<close>/?)(?P<name>{_BREAKING}|{_INLINE})(?P<attributes>{_ATTRIBUTES})\s?/?(?:>|&(?:amp;)*gt;))"
    r"|(?P<comment><!--[^\n]{0,500}?-->)"
    rf"|(?P<code>\[(?P<end>/?)(?P<word>{_CODES}|{_FORUM})(?P<value>(?:=|\s+[a-z_]{{2,20}}=)[^\[\]\n]{{1,500}})?\s?/?\])"
    r"|(?P<entity>&(?:amp;)*(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)",
    re.IGNORECASE,
)
_ABOUT_MARKUP = re.compile(
    r"(?<![A-Za-z./])(?:x?html5?|xml|css|javascript|bbcode|shortcodes?)(?![A-Za-z/])", re.IGNORECASE
)
_NAMED_BESIDE = re.compile(
    r"^\s*[\"'”’»`]?\s*(?:tags?|elements?|attributes?|balises?|éléments?|etiquetas?|elementos?|тег|элемент|标签|タグ|태그)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"[&<\[]")
_INSIDE_ADDRESS = re.compile(r"(?:https?://|www\.)\S*$")
_NOTHING = "\u00ad\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


class _Mark(NamedTuple):
    """A tag or shortcode: where it stands, whether it breaks the line, and whether it is surely none of the text."""

    span: Span
    breaking: bool
    sure: bool


@rule("TXT001", "markup-leftover", Options)
def markup_leftover(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Entities, tags and shortcodes, in the order of the text."""
    text = document.article.text
    found = list(_leftovers(document))
    about_markup = bool(found) and _speaks_of_markup(text)
    for start, matches in found:
        opened = {_opening(match) for match in matches}
        closed = {_closing(match) for match in matches}
        paired = (opened & closed) - {None}
        marks: list[_Mark] = []
        for match in matches:
            span = Span(start + match.start(), start + match.end())
            if match["entity"]:
                yield from _entity(document, span, about_markup)
                continue
            mark = _shortcode(span, match, paired) if match["code"] else _tag(document, span, match, paired)
            if mark and (about_markup or not mark.sure):
                yield Finding("TXT001", span, _message(text, span), Safety.DISPLAY)
            elif mark:
                if marks and text[marks[-1].span.end : span.start].strip(" \t"):
                    yield _out(document, marks)
                    marks = []
                marks.append(mark)
        if marks:
            yield _out(document, marks)


def _leftovers(document: Document) -> Iterator[tuple[int, list[re.Match[str]]]]:
    """Where each block with leftovers begins, and the leftovers."""
    text = document.article.text
    for place in places_at(document.blocks, (mark.start() for mark in _MARK.finditer(text))):
        block = document.blocks[place]
        if block.kind != "code":
            matches = [match for match in _LEFTOVER.finditer(text[slice(*block.span)]) if not match["sample"]]
            if matches:
                yield block.span.start, matches


def _speaks_of_markup(text: str) -> bool:
    return bool(_ABOUT_MARKUP.search(text) and _ABOUT_MARKUP.search(_LEFTOVER.sub(" ", text)))


def _opening(match: re.Match[str]) -> str | None:
    if match["tag"]:
        return None if match["close"] else f"<{match['name'].lower()}"
    return f"[{match['word'].lower()}" if match["code"] and not match["end"] else None


def _closing(match: re.Match[str]) -> str | None:
    if match["tag"]:
        return f"<{match['name'].lower()}" if match["close"] else None
    return f"[{match['word'].lower()}" if match["code"] and match["end"] else None


def _entity(document: Document, span: Span, about_markup: bool) -> Iterator[Finding]:
    text = document.article.text
    entity = text[span.start : span.end]
    character = entity
    while character.startswith("&amp;"):
        character = "&" + character[5:]
    character = html.unescape(character)
    if not character or "\ufffd" in character or (character[0] == "&" and len(character) > 1):
        return
    if character != "&" and _INSIDE_ADDRESS.search(text[max(0, span.start - 300) : span.start]):
        return
    if character in _NOTHING:
        character = ""
    elif character.isspace() and character != "\xa0":
        character = " "
    shown = {"\xa0": "a no-break space", "": "nothing", " ": "a space"}.get(character, f"“{character}”")
    message = f"the HTML code {entity} stands for {shown}"
    if document.article.markup == "markdown" or about_markup:
        yield Finding("TXT001", span, message, Safety.DISPLAY)
    else:
        yield Finding("TXT001", span, message, Safety.SAFE, (replace(document, span, character),))


def _tag(document: Document, span: Span, match: re.Match[str], paired: set[str | None]) -> _Mark | None:
    text = document.article.text
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    name, attributes = (match["name"] or "").lower(), "=" in (match["attributes"] or "")
    if len(name) == 1 and before.isalnum() and match["name"].isupper():
        return None  # List<T>
    breaking = not name or re.fullmatch(_BREAKING, name) is not None
    whole = attributes or f"<{name}" in paired
    edges = ("", "\n", "\r")
    like_a_word = before in (*edges, *" \"'“‘«(") and after in (*edges, *" \"'”’».,;)?!")
    alone = before in edges and after in edges
    plain = name in ("br", "p", "hr", "") or (bool(match["close"]) and breaking)
    named = _NAMED_BESIDE.match(text[span.end : span.end + 20]) or (like_a_word and not (whole or alone or plain))
    sure = document.article.markup != "markdown" and name not in ("sub", "sup") and not named
    return _Mark(span, breaking, sure and (breaking or whole or bool(match["close"])))


def _shortcode(span: Span, match: re.Match[str], paired: set[str | None]) -> _Mark | None:
    word = match["word"].lower()
    forum = re.fullmatch(_FORUM, word) is not None
    if f"[{word}" not in paired and (not (match["end"] or match["value"]) or (match["end"] and forum)):
        return None  # "[s]he", "[video]"
    return _Mark(span, not forum, sure=True)


def _message(text: str, span: Span) -> str:
    written = text[span.start : span.end]
    return f"a leftover of markup: {written if len(written) <= 60 else written[:59] + '…'}"


def _out(document: Document, marks: list[_Mark]) -> Finding:
    """Take out marks that stand side by side: a whole line with its break, else with a space where words would meet."""
    text = document.article.text
    span = Span(marks[0].span.start, marks[-1].span.end)
    start, end = span
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t":
        end += 1
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before in ("", "\n", "\r") and after in ("", "\n", "\r"):
        edit = cut(document, span)
    elif before in ("", "\n", "\r") or after in ("", "\n", "\r"):
        edit = replace(document, Span(span.start if before in ("", "\n", "\r") else start, end), "")
    else:
        torn = after.isupper() and (before.islower() or before in ".!?…")
        apart = torn or (start, end) != span or any(mark.breaking for mark in marks)
        edit = replace(document, Span(start, end), " " if apart else "")
    return Finding("TXT001", span, _message(text, span), Safety.LIKELY, (edit,))
