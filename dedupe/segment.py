"""Article -> blocks and sentences that tile the text exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from dedupe.language import FUNCTION_WORDS, guess_language
from dedupe.model import Article, Block, BlockKind, Document, Sentence, Shape, Span
from dedupe.normalise import EDGE, key, keys
from dedupe.sentences import split, undivided
from dedupe.traits import finished

# Variation selectors belong to the character before them, so that they are no edge.
_EDGE = EDGE.replace("\ufe0e", "").replace("\ufe0f", "")
_KEY_PIECE = 1_000_000
_CODE = re.compile(r"([a-z]{2,3})(?:[-_]|$)")
_KEY_CUT = re.compile(r"[\s。]")

_ONE_LINE = 1_000  # characters: a text of three lines at most, one of them so long, has lost its lines
_WIDTHS = range(50, 101)  # columns at which people and programs wrap
_SLACK = 8  # columns that a wrapped line may stay short of them
_STUB = 20  # characters: a shorter line is a label or signature
_BROKEN = 40  # characters: a shorter line does not break off, it ends
_STANZA = 60  # characters: three and more lines, all shorter, may be verse

_BULLETS = "-*•‣◦▪·"
_BULLET = re.compile(rf"[{_BULLETS}]\s+(?=\W{{0,20}}\w)")
_MONTH = r"(?i:jan|f[eé][bv]|m[aä]r|apr|a[vb]r|ma[iyj]\b|ju[nli]|au[gs]|aoû|ago|sep|set|o[kc]t|out|nov|d[eé][cz]|dic)"
_NUMBER = re.compile(rf"(\d{{1,3}})[.)]\s+(?!{_MONTH})(?=\S)")

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}#{1,6}(?:\s+|$)")
_RULE = re.compile(r" {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
_UNDERLINE = re.compile(r" {0,3}(?:={2,}|-{3,})\s*")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_QUOTE = re.compile(r" {0,3}>(?:\s?>)*[^\S\n\r]?")
_ITEM = re.compile(rf"\s*(?:[-*+]|(\d{{1,9}})[.)](?!\s+{_MONTH}))\s+(?:\[[ xX]\]\s+)?(?=\S)")
_CODE_INDENT = re.compile(r"(?: {4}| {0,3}\t)")
_SOFT_BREAK = re.compile(
    r"(?<!\\)(?<! {2})(?:\r\n|[\n\r])(?:[^\S\n\r]*>)*|(?:(?<=\\)|(?<= {2}))(?:\r\n|[\n\r])(?=\s*>)"
)


class _Line(NamedTuple):
    """A line of the text: [start, end) with its break, [left, right) what a reader sees of it."""

    start: int
    end: int
    left: int
    right: int


class _Draft(NamedTuple):
    """A block before its span is settled: it begins with the line at `start`, `whole` ones are a single sentence."""

    start: int
    body: Span
    kind: BlockKind = "text"
    whole: bool = False


def segment(article: Article) -> Document:
    """The blocks and sentences of an article; `credits` and `repeats` stay empty.

    Block spans tile the text, sentence spans tile each block: a line break and the blank lines behind it belong to the
    block before, leading blank lines to the first block. Bodies lack the white space and invisible characters around
    them, and blocks their marker. What reads like one sentence over several lines of a wrapped text is one.
    A text of only white space is one block and one sentence, both with an empty body; an empty text has none.

    >>> document = segment(Article("Rain fell. Then snow.\\n\\nNo one left."))
    >>> [article_text[b.body.start : b.body.end] for article_text in [document.article.text] for b in document.blocks]
    ['Rain fell. Then snow.', 'No one left.']
    >>> [(s.span.start, s.span.end) for s in document.sentences]
    [(0, 11), (11, 23), (23, 35)]
    """
    text = article.text
    filled = _lines(text, blank=False)
    code = _CODE.match(article.lang.strip().lower()) if article.lang else None
    lang = code[1] if code else guess_language(text)
    shape = _shape(text, filled)
    if article.markup == "markdown":
        drafts = list(_markdown(text, _lines(text, blank=True)))
    elif shape == "wrapped":
        drafts = list(_paragraphs(text, filled, lang))
    else:
        drafts = list(_single_lines(text, filled))
    if text and not drafts:
        drafts = [_Draft(0, Span(len(text), len(text)))]
    spans = map(Span, [0, *(draft.start for draft in drafts[1:])], [*(draft.start for draft in drafts[1:]), len(text)])
    bounds: list[Span] = []
    bodies: list[Span] = []
    numbers: list[int] = []
    ends = [0]
    for number, (span, draft) in enumerate(zip(spans, drafts, strict=False)):
        for own, body in _sentences(text, span, draft, lang):
            bounds.append(own)
            bodies.append(body)
            numbers.append(number)
        ends.append(len(bodies))
    sentences = tuple(map(Sentence, bounds, bodies, _keys(text, bodies), numbers))
    blocks = (
        _block(text, draft, sentences[first:end], first)
        for draft, (first, end) in zip(drafts, pairwise(ends), strict=True)
    )
    return Document(article, lang, shape, tuple(blocks), sentences)


def _block(text: str, draft: _Draft, sentences: tuple[Sentence, ...], first: int) -> Block:
    """The block that these sentences make, the first of them at this place."""
    places = range(first, first + len(sentences))
    span, key = sentences[0].span, sentences[0].key
    if len(sentences) > 1:
        span, key = Span(span.start, sentences[-1].span.end), _block_key(text, draft.body, sentences)
    return Block(span, draft.body, key, draft.kind, places)


def _block_key(text: str, body: Span, sentences: tuple[Sentence, ...]) -> str:
    """The key of a block: those of its sentences in a row, unless two of them are glued together."""
    for after in sentences[1:]:
        if not (text[after.span.start - 1].isspace() or text[after.span.start].isspace()):
            return _key(text[body.start : body.end])
    return " ".join([sentence.key for sentence in sentences if sentence.key])


def _keys(text: str, bodies: list[Span]) -> list[str]:
    """The comparison keys of parts of the text, at once unless it is huge."""
    parts = [text[start:end] for start, end in bodies]
    return keys(parts) if len(text) <= _KEY_PIECE else [_key(part) for part in parts]


def _key(text: str) -> str:
    """The comparison key; that of a huge text is made in pieces, cut where no token can stand."""
    if len(text) <= _KEY_PIECE:
        return key(text)
    keys = []
    start = 0
    while start < len(text):
        cut = _KEY_CUT.search(text, start + _KEY_PIECE)
        end = cut.end() if cut else len(text)
        keys.append(key(text[start:end]))
        start = end
    return " ".join(filter(None, keys))


def _stripped(text: str, start: int, end: int) -> Span:
    """[start, end) without white space and invisible characters at its edges."""
    inner = text[start:end].lstrip(_EDGE)
    left = end - len(inner)
    return Span(left, left + len(inner.rstrip(_EDGE)))


def _lines(text: str, blank: bool) -> list[_Line]:
    """The lines of a text, with the blank ones or without."""
    lines = []
    end = 0
    for line in text.splitlines(keepends=True):
        start, end = end, end + len(line)
        inner = line.lstrip(_EDGE)
        if inner or blank:
            left = end - len(inner)
            lines.append(_Line(start, end, left, left + len(inner.rstrip(_EDGE))))
    return lines


def _sentences(text: str, span: Span, draft: _Draft, lang: str) -> list[tuple[Span, Span]]:
    """Span and body of each sentence of a block; what has no visible character joins the sentence before it."""
    start, end = draft.body
    if draft.whole or undivided(text, start, end, lang):
        return [(span, draft.body)]
    ends = split(_unbroken(text[start:end]), lang)[:-1]
    if not ends:
        return [(span, draft.body)]
    cuts = [start, *(start + e for e in ends), end]
    bodies: list[Span] = []
    bounds: list[int] = []
    for a, b in pairwise(cuts):
        body = _stripped(text, a, b)
        if body.start < body.end or not bodies:
            bodies.append(body)
            bounds.append(a if bounds else span.start)
    bounds.append(span.end)
    return [(Span(a, b), body) for body, (a, b) in zip(bodies, pairwise(bounds), strict=True)]


def _unbroken(text: str) -> str:
    """The text of a block with a space, place for place, for each line break that is not meant to be one."""
    return _SOFT_BREAK.sub(lambda m: " " * len(m[0]), text) if "\n" in text or "\r" in text else text


def _shape(text: str, filled: list[_Line]) -> Shape:
    if not filled:
        return "lines"
    if len(filled) <= 3 and max(line.right - line.left for line in filled) >= _ONE_LINE:
        return "one-line"
    return "wrapped" if _is_wrapped(text, filled) else "lines"


def _width(filled: list[_Line]) -> int:
    """The column at which a wrapped text breaks its lines: few lines are longer."""
    widths = sorted(line.right - line.start for line in filled)
    return widths[int(0.97 * (len(widths) - 1))]


def _margin(filled: list[_Line]) -> int:
    """The indent of the lines of a wrapped text that begin no paragraph; the first line may have lost its own."""
    return min((line.left - line.start for line in filled[1:]), default=0)


def _is_full(text: str, line: _Line, following: _Line, width: int) -> bool:
    """Would the next line's first word not have fitted on this line?"""
    word = text[following.left : min(following.right, following.left + width)].split(None, 1)[0]
    return line.right - line.start + 1 + len(word) > width - _SLACK


def _runs_on(text: str, line: _Line, following: _Line) -> bool:
    """Does the line break stand inside a sentence, as far as the characters beside it tell?"""
    last, first = text[line.right - 1], text[following.left]
    inside = last not in ".!?…:;。！？؟۔।" and not finished(text[max(line.left, line.right - 9) : line.right])
    return inside and first.isalnum() and not first.isupper()


def _is_item(text: str, line: _Line) -> bool:
    return bool(_BULLET.match(text, line.left, line.right) or _NUMBER.match(text, line.left, line.right))


def _is_wrapped(text: str, filled: list[_Line]) -> bool:
    if len(filled) < 4 or max(line.right - line.start for line in filled) > 4 * _WIDTHS.stop:
        return False
    width = _width(filled)
    if width not in _WIDTHS:
        return False
    margin = _margin(filled)
    pairs = [
        (a, b)
        for a, b in pairwise(filled)
        if a.end == b.start and b.left - b.start <= margin + 1 and not _is_item(text, b)
    ]
    full = [pair for pair in pairs if _is_full(text, *pair, width)]
    inside = sum(_runs_on(text, *pair) for pair in full)
    return inside >= 2 and 10 * len(full) >= 6 * len(pairs) and 10 * inside >= 4 * len(pairs)


class _Wrap(NamedTuple):
    """How a text is wrapped: at which column, with which left margin, and whether an indent marks its paragraphs."""

    width: int
    margin: int
    indented: bool
    small: frozenset[str]
    numbers: set[int]


def _paragraphs(text: str, filled: list[_Line], lang: str) -> Iterator[_Draft]:
    """The paragraphs of a wrapped text: a blank line, an indent, a list marker, a line left short begin one."""
    margin = _margin(filled)
    indented = sum(line.left - line.start > margin + 1 for line in filled) * 10 >= len(filled)
    small = FUNCTION_WORDS.get(lang, frozenset())
    wrap = _Wrap(_width(filled), margin, indented, small, _numbered(text, filled))
    first = filled[0]
    for line, following in zip(filled, [*filled[1:], None], strict=True):
        if following and not _begins(text, first, line, following, wrap):
            continue
        yield _draft(text, first, line, wrap.numbers)
        if following:
            first = following


def _begins(text: str, first: _Line, line: _Line, following: _Line, wrap: _Wrap) -> bool:
    """Does a paragraph begin with the line `following`, when the one before began with `first` and came to `line`?"""
    if line.end != following.start or _BULLET.match(text, following.left, following.right):
        return True
    if following.left in wrap.numbers:
        return True
    indent, before = following.left - following.start, line.left - line.start
    runs_on = _runs_on(text, line, following)
    full = _is_full(text, line, following, wrap.width)
    if _BULLET.match(text, first.left, first.right) or first.left in wrap.numbers:
        return indent <= first.left - first.start and not runs_on
    if indent > before + runs_on or (indent == before and indent > wrap.margin and not (runs_on and full)):
        return True
    if runs_on or full:
        return False
    if wrap.indented and line.right - line.left >= _STUB and not finished(text[line.right - 9 : line.right]):
        return False
    last = text[line.left : line.right].rsplit(None, 1)[-1]
    return not (last in wrap.small or last.endswith(","))


def _numbered(text: str, filled: list[_Line]) -> set[int]:
    """Where lines begin that are items of a numbered list: their neighbours in it carry the numbers beside theirs."""
    begun = [line for line in filled if text[line.left].isdigit()]
    found = [(line.left, int(m[1])) for line in begun if (m := _NUMBER.match(text, line.left, line.right))]
    items = set()
    for (left, number), (following, successor) in pairwise(found):
        if successor == number + 1:
            items |= {left, following}
    return items


def _draft(text: str, first: _Line, last: _Line, numbers: set[int]) -> _Draft:
    marker = None
    if text[first.left] in _BULLETS:
        marker = _BULLET.match(text, first.left, first.right)
    elif first.left in numbers:
        marker = _NUMBER.match(text, first.left, first.right)
    if marker:
        return _Draft(first.start, _stripped(text, marker.end(), last.right), "item")
    return _Draft(first.start, Span(first.left, last.right))


def _single_lines(text: str, filled: list[_Line]) -> Iterator[_Draft]:
    """A block a line; a line that plainly breaks off inside a sentence goes together with the next."""
    numbers = _numbered(text, filled)
    broken = _broken(text, filled)
    first = 0
    for place, line in enumerate(filled):
        if not broken[place]:
            yield _draft(text, filled[first], line, numbers)
            first = place + 1


def _broken(text: str, filled: list[_Line]) -> list[bool]:
    """Which lines break off inside a sentence that the next ones finish. Verse, many short lines in a row, is whole."""
    broken = [False] * len(filled)
    for place in range(len(filled) - 2, -1, -1):
        line, following = filled[place], filled[place + 1]
        length = line.right - line.left
        broken[place] = (
            length >= _BROKEN
            and line.end == following.start
            and text[line.right - 1].isalnum()
            and text[following.left].islower()
            and not _is_item(text, line)
            and (broken[place + 1] or re.search(r"[.!?…]", text[following.left : following.right]) is not None)
        )
    first = 0
    for place, line in enumerate(filled, 1):
        if place == len(filled) or line.end != filled[place].start:
            if place - first > 2 and max(verse.right - verse.left for verse in filled[first:place]) < _STANZA:
                broken[first:place] = [False] * (place - first)
            first = place
    return broken


def _markdown(text: str, lines: list[_Line]) -> Iterator[_Draft]:
    """The blocks of a Markdown text. The lines of a paragraph, item or quotation belong together."""
    at = _front_matter(text, lines)
    if at:
        yield _whole(lines, 0, at, "code")
    in_list = False
    while at < len(lines):
        line = lines[at]
        if line.left == line.right:
            at += 1
            continue
        draft = None
        if not in_list and _CODE_INDENT.match(text, line.start):
            end = at + 1
            while end < len(lines) and (
                lines[end].left == lines[end].right or _CODE_INDENT.match(text, lines[end].start)
            ):
                end += 1
            draft = _whole(lines, at, end, "code")
        elif end := _fence_end(text, lines, at):
            draft = _whole(lines, at, end, "code")
        elif _is_table(text, lines, at):
            end = at + 2
            while end < len(lines) and "|" in text[lines[end].left : lines[end].right]:
                end += 1
            draft = _whole(lines, at, end, "table")
        elif _RULE.fullmatch(text, line.start, line.right):
            draft, end = _whole(lines, at, at + 1, "text"), at + 1
        elif _ATX.match(text, line.start, line.right):
            draft, end = _Draft(line.start, _heading(text, line), "heading"), at + 1
        else:
            draft, end = _flow(text, lines, at)
        in_list = draft.kind == "item" or (in_list and text[line.start].isspace())
        yield draft
        at = end


def _whole(lines: list[_Line], at: int, end: int, kind: BlockKind) -> _Draft:
    """The lines [at, end) as one block that is never split."""
    right = max(line.right for line in lines[at:end] if line.left < line.right)
    return _Draft(lines[at].start, Span(lines[at].left, right), kind, whole=True)


def _front_matter(text: str, lines: list[_Line]) -> int:
    """How many lines of metadata, between lines of three dashes, the text begins with."""
    if (
        len(lines) < 3
        or text[: lines[0].right] != "---"
        or not re.match(r"[\w-]+:", text[lines[1].left : lines[1].right])
    ):
        return 0
    for number, line in enumerate(lines[1:200], 2):
        if text[line.start : line.right] in ("---", "..."):
            return number
    return 0


def _fence_end(text: str, lines: list[_Line], at: int) -> int:
    """Behind which line the code fence that opens at this line is closed; 0 when there is none."""
    fence = _FENCE.match(text, lines[at].start, lines[at].right)
    if not fence:
        return 0
    for number in range(at + 1, len(lines)):
        closing = text[lines[number].left : lines[number].right]
        if closing.startswith(fence[1]) and not closing.strip(fence[1][0]):
            return number + 1
    return 0


def _is_table(text: str, lines: list[_Line], at: int) -> bool:
    if at + 1 == len(lines) or "|" not in text[lines[at].left : lines[at].right]:
        return False
    rule = lines[at + 1]
    return "|" in text[rule.left : rule.right] and _TABLE_RULE.fullmatch(text, rule.left, rule.right) is not None


def _heading(text: str, line: _Line) -> Span:
    """What a line with leading number signs says, without them and those that close it."""
    content = text[line.left : line.right].lstrip("#")
    left = line.right - len(content)
    opened = content.rstrip("#")
    if opened[-1:].isspace():
        content = opened
    body = _stripped(text, left, left + len(content))
    return body if body.start < body.end else Span(line.left, line.right)


def _flow(text: str, lines: list[_Line], at: int) -> tuple[_Draft, int]:
    """The paragraph, list item, quotation or underlined heading that begins at this line, and the line behind it."""
    start = lines[at].start
    kind: BlockKind = "text"
    while (
        _is_bare_quote(text, lines[at])
        and at + 1 < len(lines)
        and _QUOTE.match(text, lines[at + 1].start, lines[at + 1].right)
    ):
        at += 1
    left = lines[at].left
    for marked, pattern in (("quote", _QUOTE), ("item", _ITEM)):
        marker = pattern.match(text, lines[at].start, lines[at].right)
        if marker:
            kind = "quote" if marked == "quote" else "item"
            left = marker.end() if text[marker.end() : lines[at].right].strip(_EDGE) else left
            break
    end = at + 1
    while end < len(lines) and lines[end].left < lines[end].right:
        line = lines[end]
        if kind == "text" and _UNDERLINE.fullmatch(text, line.start, line.right):
            return _Draft(start, _stripped(text, left, lines[end - 1].right), "heading"), end + 1
        if _is_bare_quote(text, line) if kind == "quote" else _interrupts(text, lines, end, kind):
            break
        if kind == "quote" and not _QUOTE.match(text, line.start, line.right) and _interrupts(text, lines, end, kind):
            break
        end += 1
    last = end - 1
    while kind == "quote" and end < len(lines) and _is_bare_quote(text, lines[end]):
        end += 1
    return _Draft(start, _stripped(text, left, lines[last].right), kind), end


def _is_bare_quote(text: str, line: _Line) -> bool:
    return set(text[line.left : line.right]) == {">"}


def _interrupts(text: str, lines: list[_Line], at: int, kind: BlockKind) -> bool:
    """Does something new begin with this line, straight behind a paragraph, item or quotation?"""
    start, right = lines[at].start, lines[at].right
    item = _ITEM.match(text, start, right)
    if item and (kind == "item" or item[1] in (None, "1")):
        return True
    return bool(
        _ATX.match(text, start, right)
        or _QUOTE.match(text, start, right)
        or _RULE.fullmatch(text, start, right)
        or _FENCE.match(text, start, right)
        or _is_table(text, lines, at)
    )
