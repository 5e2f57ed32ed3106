"""Which copy goes? Matches become repeats: a copy, and the witness that stays.

The copy outside the flow of the article goes: glued to a caption, in capitals, quoted as display, shortened, in a
list, alone on its line while the other stands inside a paragraph. Between equals the later one goes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from dedupe.captions import GLUED_MARKS, caption_mark
from dedupe.credits import is_credit
from dedupe.matching import (
    Alike,
    Contained,
    Run,
    Shared,
    alike,
    contained,
    dated,
    keys,
    read,
    runs,
    shared,
    spoken,
    spoken_span,
)
from dedupe.model import Block, Document, Repeat, RepeatForm, Span
from dedupe.normalise import key, length
from dedupe.similarity import negates
from dedupe.traits import (
    CLOSERS,
    FULL_STOPS,
    LEADS_UP,
    finished,
    in_capitals,
    in_title_case,
    prose,
    quoted,
    shouted,
    truncated,
)

_TITLE_WORDS = 3
_TRAIL = 2
"""So many bars or arrows in front of a title are the way to the page."""
_LABEL_WORDS = 2
_SITE_NAME = re.compile(r"\s[|\-–—·»:/•]+\s")
_KICKER = re.compile(r"\s[|\-–—·»›>:/•]+\s|[:：]\s")


def repeats(document: Document) -> tuple[Repeat, ...]:
    """Every repeat of the document, each copy once, each witness a copy that no other repeat takes."""
    found = list(_titles(document))
    taken = {i for repeat in found for i in repeat.copy}
    likely = shared(document)
    inside = tuple(_contained(document, likely)) if document.in_lines else ()
    for repeat in inside:
        at_once = repeat.cut_short or _torn(document, repeat)
        if at_once and taken.isdisjoint((*repeat.copy, *_places(document, repeat))):
            taken.update(repeat.copy)
            found.append(repeat)
    compared = keys(document, likely)
    equal = tuple(_rooted(runs(compared), frozenset(taken)))
    top = _top(document)
    single = _equal_sentences(document, compared, equal, taken, top)
    for again in (_blocks(document, equal), _equal_blocks(document, taken), single):
        for repeat in list(again):
            taken.update(repeat.copy)
            found.append(repeat)
    leaning: dict[int, list[int]] = defaultdict(list)
    for number, repeat in enumerate(found):
        for i in _places(document, repeat):
            leaning[i].append(number)
    similar = tuple(alike(document, compared, likely))
    for repeat in (*_tails(document, similar), *inside, *_near(document, similar, top)):
        lean = {number for i in repeat.copy for number in leaning[i]}
        whole_copy = repeat.form != "near" and not repeat.tail and not repeat.differs
        if not taken.isdisjoint((*repeat.copy, *_places(document, repeat))) or (lean and not whole_copy):
            continue
        for i in _places(document, repeat):
            leaning[i] += (*lean, len(found))
        for number in lean:
            found[number] = replace(found[number], witness=repeat.witness)
        taken.update(repeat.copy)
        found.append(repeat)
    return tuple(found)


def _places(document: Document, repeat: Repeat) -> range:
    """The places of the witness in `Document.sentences`; none for a title."""
    if repeat.in_title:
        return range(0)
    first = bisect_right(document.sentences, repeat.witness.start, key=lambda s: s.span.start) - 1
    return range(first, bisect_left(document.sentences, repeat.witness.end, key=lambda s: s.span.start))


def _torn(document: Document, repeat: Repeat) -> bool:
    """Is it a pull quote of several sentences, of which some but not all stand in the same words where it is from?"""
    if repeat.form != "pull-quote" or repeat.differs:
        return False
    there = {document.sentences[i].key for i in _places(document, repeat)}
    found = [document.sentences[i].key in there for i in repeat.copy]
    return any(found) and not all(found)


def _rooted(equal: Iterable[Run], taken: frozenset[int]) -> Iterator[Run]:
    """The runs, cut into pieces whose earlier copy is itself no copy: of three copies the third leans on the first."""
    roots: dict[int, int] = {}
    for run in equal:
        piece: list[tuple[int, int]] = []
        for first, again in zip(run.first, run.again, strict=True):
            root = roots.get(first, first)
            usable = not {root, again} & taken
            if piece and (not usable or root != piece[-1][0] + 1):
                yield _run(piece)
                piece = []
            if usable:
                roots[again] = root
                piece.append((root, again))
        if piece:
            yield _run(piece)


def _run(piece: list[tuple[int, int]]) -> Run:
    (first, again), size = piece[0], len(piece)
    return Run(range(first, first + size), range(again, again + size))


def extent(document: Document, repeat: Repeat) -> Span:
    """The span of the copy."""
    return repeat.tail or body(document, repeat.copy)


def body(document: Document, sentences: range) -> Span:
    """The span from the first to the last of these sentences."""
    return Span(document.sentences[sentences.start].body.start, document.sentences[sentences.stop - 1].body.end)


def parts(document: Document, sentences: range) -> list[Span]:
    """The same, block by block; a block that is covered whole counts with its marker."""
    spans = []
    at = sentences.start
    while at < sentences.stop:
        block = document.blocks[document.sentences[at].block]
        stop = min(sentences.stop, block.sentences.stop)
        if at == block.sentences.start and stop >= spoken(document, block).stop:
            spans.append(whole(document, block))
        else:
            spans.append(body(document, range(at, stop)))
        at = stop
    return spans


def whole(document: Document, block: Block) -> Span:
    """A block with its list or quotation marker, without the white space around it."""
    raw = document.article.text[block.span.start : block.span.end]
    start = block.span.start + len(raw) - len(raw.lstrip())
    return Span(start, block.span.start + len(raw.rstrip()))


def has_children(document: Document, block: Block) -> bool:
    """Is it a list item of Markdown with an indented block below?"""
    text = document.article.text
    if document.article.markup != "markdown" or block.kind != "item":
        return False
    stop = text.find("\n", block.span.end)
    after = text[block.span.end : stop if stop >= 0 else len(text)]
    line = text.rfind("\n", 0, block.body.start) + 1
    own = len(text[line : block.body.start]) - len(text[line : block.body.start].lstrip())
    return len(after) - len(after.lstrip()) > own


def _titles(document: Document) -> Iterator[Repeat]:
    """Lines that say the record's title again, or, in a text without one, its own headline."""
    text, blocks = document.article.text, document.blocks
    title = document.article.title or ""
    title_key = key(title)
    if length(title_key) >= _TITLE_WORDS:
        for block in blocks:
            words = block.key
            near = words and (title_key.startswith(words) or title_key.endswith(words) or title_key in words)
            if near and read(document, block) and _says_title(text[slice(*block.body)], words, title, title_key):
                yield Repeat("title", block.sentences, Span(0, len(title)), in_title=True)
        return
    first = next((b for b in blocks if b.key and read(document, b)), None)
    if (
        first is None
        or first.kind == "item"
        or length(first.key) < _TITLE_WORDS
        or finished(text[first.body.start : first.body.end])
    ):
        return
    for block in blocks:
        if block is not first and block.key == first.key and not finished(text[slice(*block.body)]):
            yield Repeat("title", block.sentences, first.body)


def _says_title(line: str, line_key: str, title: str, title_key: str) -> bool:
    """Is the line the title, or one of them the other with a site's name behind a bar or dash, or with a word such as
    "Opinion" or the way to the page in front?"""
    stopped = line.rstrip().rstrip(CLOSERS).endswith(FULL_STOPS + LEADS_UP)
    if not line_key or stopped or line_key == title_key:
        return line_key == title_key and (not stopped or (in_title_case(line) and in_capitals(line)))
    shorter, longer, written = line_key, title_key, title
    if len(title_key) < len(line_key):
        shorter, longer, written = title_key, line_key, line
    kickers = [*_KICKER.finditer(written)]
    short = length(shorter) <= _TITLE_WORDS or 2 * len(shorter) <= len(longer)
    if short and (written is title or len(kickers) < _TRAIL):
        return False
    in_front = any(longer == f"{key(written[: m.start()])} {shorter}" for m in kickers)
    return in_front or any(longer == f"{shorter} {key(written[m.end() :])}" for m in _SITE_NAME.finditer(written))


def _blocks(document: Document, equal: tuple[Run, ...]) -> Iterator[Repeat]:
    """Runs of two and more sentences."""
    leaning = Counter(i for run in equal for i in run.first)
    for run in equal:
        if len(run.again) < 2:
            continue
        first, again = run.first, run.again
        only_one = all(leaning[i] == 1 for i in first)
        inside = _fills_blocks(document, first) and not _fills_blocks(document, again)
        if only_one and (inside or dated(document, again.start)) and not dated(document, first.start):
            first, again = again, first
        yield Repeat("block", again, body(document, first))


def _fills_blocks(document: Document, sentences: range) -> bool:
    first = document.blocks[document.sentences[sentences.start].block]
    last = document.blocks[document.sentences[sentences.stop - 1].block]
    return sentences.start == first.sentences.start and sentences.stop >= spoken(document, last).stop


def _equal_blocks(document: Document, taken: set[int]) -> Iterator[Repeat]:
    """Equal blocks whose sentences were told apart in different ways, as it happens to text in capitals."""
    divided = {block.key for block in document.blocks if len(block.sentences) > 1 and block.key}
    groups: dict[str, list[Block]] = defaultdict(list)
    for block in document.blocks:
        if block.key in divided and taken.isdisjoint(block.sentences) and read(document, block):
            groups[block.key].append(block)
    text = document.article.text
    for group in groups.values():
        splits = {tuple(document.sentences[i].key for i in spoken(document, block)) for block in group}
        if len(splits) > 1:
            keeper, *others = sorted(group, key=lambda b: (shouted(text[slice(*b.body)]), b.span))
            for block in others:
                yield Repeat("sentence", spoken(document, block), spoken_span(document, keeper), copies=len(group))


def _equal_sentences(
    document: Document, compared: Sequence[str], equal: tuple[Run, ...], taken: set[int], top: range
) -> Iterator[Repeat]:
    """Single sentences: of all copies of one, the one most in the flow stays."""
    groups: dict[str, set[int]] = defaultdict(set)
    witnesses = {i for run in equal if len(run.again) > 1 for i in (*run.first, *run.again)} - taken
    for run in equal:
        if len(run.again) == 1:
            groups[compared[run.again.start]].update((run.first.start, run.again.start))
    for group in groups.values():
        glued = _glued(document, group)
        distance = {i: (i not in witnesses, _distance_from_flow(document, i, glued, top), i) for i in group - taken}
        keeper, *others = sorted(distance, key=distance.__getitem__) or [0]
        for i in others:
            form, witness = _form(document, i, keeper, glued), document.sentences[keeper].body
            yield Repeat(form, range(i, i + 1), witness, copies=len(distance))


def _top(document: Document) -> range:
    """The places of the blocks down to the first one of prose."""
    text = document.article.text
    bodies = (text[slice(*block.body)] if block.key else "" for block in document.blocks)
    first = next((place for place, words in enumerate(bodies) if prose(words, words)), len(document.blocks))
    return range(first + 1)


def _distance_from_flow(document: Document, i: int, glued: frozenset[int], top: range) -> int:
    sentence = document.sentences[i]
    block = document.blocks[sentence.block]
    alone = _alone(document, block)
    words = document.article.text[sentence.body.start : sentence.body.end]
    if dated(document, i):
        return -1
    return (
        16 * shouted(words)
        + 8 * (i in glued)
        + 4 * (alone and quoted(words))
        + 2 * alone
        + (
            block.kind in ("item", "heading")
            or (alone and sentence.block in top and _highlight(document, sentence.block))
        )
    )


def _alone(document: Document, block: Block) -> bool:
    """Is it one sentence on a line of its own?"""
    return document.in_lines and len(spoken(document, block)) == 1


def _highlight(document: Document, place: int) -> bool:
    """Is a line at the top of the page the one below a label such as "Highlights"?"""
    text = document.article.text
    label = next((block for block in reversed(document.blocks[:place]) if block.key), None)
    return label is not None and length(label.key) <= _LABEL_WORDS and not finished(text[slice(*label.body)])


def _glued(document: Document, group: Iterable[int]) -> frozenset[int]:
    """Of equal sentences those that are the second of two on a line, behind a caption or with another copy in the next
    paragraphs."""
    copies = [i for i in group if not _display_quote(document, i)]
    at_block = {document.sentences[i].block for i in copies}
    found = set()
    for i in group:
        here = document.sentences[i].block
        own = spoken(document, document.blocks[here])
        if len(own) != 2 or i != own.start + 1 or len(copies) - (i in copies) == 0:
            continue
        first = document.sentences[own.start].body
        below = here + 2 in at_block and len(spoken(document, document.blocks[here + 2])) > 1
        words = document.article.text[first.start : first.end]
        if here + 1 in at_block or below or caption_mark(words, document.lang, *GLUED_MARKS):
            found.add(i)
    return frozenset(found)


def _form(document: Document, copy: int, keeper: int, glued: frozenset[int]) -> RepeatForm:
    if copy in glued:
        return "glued"
    return "pull-quote" if _display_quote(document, copy) and not _display_quote(document, keeper) else "sentence"


def _display_quote(document: Document, i: int) -> bool:
    sentence = document.sentences[i]
    words = document.article.text[slice(*sentence.body)]
    return _alone(document, document.blocks[sentence.block]) and quoted(words)


def _contained(document: Document, likely: Shared) -> Iterator[Repeat]:
    """Blocks whose words all stand in a longer block: shortened copies and pull quotes."""
    text = document.article.text
    for match in contained(document, likely):
        block = document.blocks[match.inner]
        span = spoken_span(document, block)
        words = text[span.start : span.end]
        form: RepeatForm = "teaser" if not quoted(words) and (truncated(words) or not match.head) else "pull-quote"
        yield Repeat(
            form,
            spoken(document, block),
            match.witness,
            differs=_turned_by(match),
            set_off=match.joint == "label",
            cut_short=truncated(words),
        )


def _turned_by(match: Contained) -> str:
    """What may turn the meaning of the words that another line holds too: a number, a name, a negation; or nothing.

    A heading that was glued to its sentence turns nothing: the sentence begins with its capital behind it.
    """
    if match.joint == "remark":
        return "word"
    if not match.head or match.joint == "label":
        return ""
    if any(negates(token.lower()) for token in match.head):
        return "negation"
    if any(any(map(str.isdigit, token)) for token in match.head):
        return "number"
    if any(token[:1].isupper() for token in match.head[1:]):
        return "name"
    return "" if match.capital else "word"


def _tails(document: Document, similar: tuple[Alike, ...]) -> Iterator[Repeat]:
    """Sentences glued to a caption or credit without a full stop between, which stand again in the next paragraphs."""
    text = document.article.text
    for match in similar:
        own, line = document.sentences[match.shorter], document.sentences[match.longer]
        if not line.key.endswith(f" {own.key}") or not 0 < own.block - line.block <= 2:
            continue
        words = text[own.body.start : own.body.end]
        start = line.body.end - len(words)
        head = text[line.body.start : start]
        if (
            text[start : line.body.end] == words
            and head[-1:].isspace()
            and (caption_mark(head, document.lang, *GLUED_MARKS) or is_credit(head))
        ):
            yield Repeat("glued", range(match.longer, match.longer + 1), own.body, tail=Span(start, line.body.end))


def _near(document: Document, similar: tuple[Alike, ...], top: range) -> Iterator[Repeat]:
    for match in similar:
        found = match.comparison
        shorter, longer = document.sentences[match.shorter], document.sentences[match.longer]
        copy, witness = match.shorter, longer
        if found.containment < 1 or dated(document, match.shorter):
            group = {match.shorter, match.longer}
            glued = _glued(document, group)
            keep, copy = sorted(group, key=lambda i: (_distance_from_flow(document, i, glued, top), i))
            witness = document.sentences[keep]
        words = document.article.text[shorter.body.start : shorter.body.end]
        form: RepeatForm = "teaser" if found.prefix and (truncated(words) or not finished(words)) else "near"
        yield Repeat(
            form, range(copy, copy + 1), witness.body, found.ratio / 100, found.containment, found.differs, found.gaps
        )
