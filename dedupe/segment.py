"""Article -> blocks and sentences that tile the text exactly."""

from __future__ import annotations

import re
from itertools import pairwise

from dedupe import markdown, plain
from dedupe.drafts import Draft, lines, stripped, unbroken
from dedupe.language import guess_language
from dedupe.model import Article, Block, Document, Sentence, Shape, Span
from dedupe.normalise import key, keys
from dedupe.sentences import split, undivided

_KEY_PIECE = 1_000_000
_CODE = re.compile(r"([a-z]{2,3})(?:[-_]|$)")
_KEY_CUT = re.compile(r"[\s。]")


def segment(article: Article) -> Document:
    """The blocks and sentences of an article; `credits` and `repeats` stay empty.

    Block spans tile the text, sentence spans tile each block: a line break and the blank lines behind it belong to the
    block before, leading blank lines to the first block. Bodies lack the white space and invisible characters around
    them, and blocks their marker. What reads like one sentence over several lines of a wrapped text is one. Of a text
    that has lost its lines each sentence is a block, and so is each run of labels beside one.
    A text of only white space is one block and one sentence, both with an empty body; an empty text has none.

    >>> document = segment(Article("Rain fell. Then snow.\\n\\nNo one left."))
    >>> [article_text[b.body.start : b.body.end] for article_text in [document.article.text] for b in document.blocks]
    ['Rain fell. Then snow.', 'No one left.']
    >>> [(s.span.start, s.span.end) for s in document.sentences]
    [(0, 11), (11, 23), (23, 35)]
    """
    text = article.text
    code = _CODE.match(article.lang.strip().lower()) if article.lang else None
    lang = code[1] if code else guess_language(text)
    shape: Shape = "lines"
    if article.markup == "markdown":
        drafts = list(markdown.drafts(text, lines(text, blank=True)))
    else:
        filled = lines(text, blank=False)
        shape = plain.shape_of(text, filled)
        drafts = list(plain.drafts(text, filled, shape, lang, article.title or ""))
    if text and not drafts:
        drafts = [Draft(0, Span(len(text), len(text)))]
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


def _block(text: str, draft: Draft, sentences: tuple[Sentence, ...], first: int) -> Block:
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


def _sentences(text: str, span: Span, draft: Draft, lang: str) -> list[tuple[Span, Span]]:
    """Span and body of each sentence of a block; what has no visible character joins the sentence before it."""
    start, end = draft.body
    if draft.whole or undivided(text, start, end, lang):
        return [(span, draft.body)]
    ends = split(unbroken(text[start:end]), lang)[:-1]
    if not ends:
        return [(span, draft.body)]
    cuts = [start, *(start + e for e in ends), end]
    bodies: list[Span] = []
    bounds: list[int] = []
    for a, b in pairwise(cuts):
        body = stripped(text, a, b)
        if body.start < body.end or not bodies:
            bodies.append(body)
            bounds.append(a if bounds else span.start)
    bounds.append(span.end)
    return [(Span(a, b), body) for body, (a, b) in zip(bodies, pairwise(bounds), strict=True)]
