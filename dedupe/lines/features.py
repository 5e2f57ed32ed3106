"""What can be counted about the lines of a page: a row of numbers a line, for the model to judge.

A line is a block of the document. Numbers are shares (0 to 1), logarithms of counts, distances in lines, or flags. What
to count follows the literature on boilerplate (Kohlschütter et al. 2010, "Boilerplate detection using shallow text
features"; Pomikálek 2011, jusText): length, small words and what the neighbours are like say most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.cues import FAMILIES, lexicon
from dedupe.language import FUNCTION_WORDS
from dedupe.lines.said import Said, Words
from dedupe.lines.wording import Weights
from dedupe.model import Cue, Document
from dedupe.normalise import key
from dedupe.traits import ASKS, LEADS_UP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

_STRENGTH = {"line": 4, "row": 3, "start": 3, "label": 3, "inside": 2, "weak": 1}
_SIGNS = {
    "commas": ",،、，;；",
    "stops": ".!?…。！？۔।",
    "quotes": "\"'“”„«»‘’「」『』",
    "bars": "|/\\•·›>→▸►",
    "dashes": "-–—",
    "colons": ":：",
    "marks": "@#©®™&_",
}
_CLOSERS = "\"'”’»›“‘)]}」』】》〉*_ \t"
_OPENERS = "\"'“„«»‹›「『《‘"
_LONG = 400
"""Of a longer line only the first and last 200 characters are asked about their looks."""
_DATED_WORDS = 24
_PROSE_WORDS, _PROSE_END = 12, 6
_REACH = 5
"""How many lines on each side a line sees one by one."""
_WIDTHS = (3, 8, 20)
"""And how many it sees as a mean."""
_FAR, _VERY_FAR = 50, 60
_PARAGRAPHS = 2
"""Of fewer paragraphs of prose nobody can tell where the article begins and ends."""
_STRONG = 2
"""From this strength a cue counts as a landmark."""
_ALIKE = 1.0

_CHARACTERS = ("width", "word_length", "capital_words", "letters", "capitals", "digits", *_SIGNS)
_COVERED = ("repeated", "credit")
_WORDS = (
    "words", "small_words", "sentences", "finished", "question", "colon_end", "cut_end", "quote_start", "lower_start",
    "digit_start", "copies", "heading", "item", "title_words", "title_share", "vocabulary", "link", "dates", "dated",
    "prose", *(f"cue_{family}" for family in FAMILIES), "cue",
)  # fmt: skip
OWN = (*_CHARACTERS, *_COVERED, *_WORDS)
_SEEN = ("words", "finished", "small_words", "capital_words", "cue", "repeated", "prose", "digits")
_SMOOTHED = (
    "words", "finished", "small_words", "capital_words", "cue", "prose", "link", "title_words", "dated", "copies",
    "colons", "sentences",
)  # fmt: skip
_PLACES = (
    "position", "words_before", "words_after", "prose_above", "prose_below", "prose_before", "prose_after",
    "after_first_prose", "after_last_prose",
)  # fmt: skip
_PAGE = ("page_lines", "page_words", "page_prose", "page_cues", "page_finished", "page_title")
_LANDMARKS = ("share", "newsletter", "related", "byline", "counter", "comments", "tags", "legal", "navigation", "dated",
              "title", "label")  # fmt: skip
_ALIKENESS = ("unlike_above", "unlike_below", "unlike_around", "begins_like_above", "begins_like_below", "alike_run")
_STRETCH = ("in_stretch", "after_stretch_start", "after_stretch_end", "stretch_words", "stretch_share", "stretch_title")
_WORDED_REACH, _WORDED_WIDTHS = (-2, -1, 1, 2), (3, 8)
WORDED = (
    "worded",
    "worded_most",
    "worded_least",
    *(f"worded{offset:+d}" for offset in _WORDED_REACH),
    *(f"worded~{width}" for width in _WORDED_WIDTHS),
)
"""The last of NAMES: how much the words of a line, and of those around it, speak for layout."""
NAMES = (
    *OWN,
    *(f"{name}{offset:+d}" for offset in range(-_REACH, _REACH + 1) if offset for name in _SEEN),
    *(f"{name}~{width}" for width in _WIDTHS for name in _SMOOTHED),
    *_PLACES,
    *_PAGE,
    *(f"{name}_{side}" for name in _LANDMARKS for side in ("above", "below")),
    *_ALIKENESS,
    *_STRETCH,
    *WORDED,
)
"""What each column counts. A name with an offset is that of a neighbour, one with ~ a mean around the line."""
ZONES = ("above", "inside", "below")
"""Where a line stands by the article: above its first paragraph of prose, below the first wording behind its last."""
_COLUMN = {name: place for place, name in enumerate(NAMES)}
_OWN_SHAPE = ("words", "finished", "digits", "capital_words", "commas", "colons", "digit_start", "dates")


def features(document: Document, weights: Weights) -> Matrix:
    """One row for each line of the document, one column for each of NAMES, float32, given the weights of words."""
    return counted(document, weights).rows()


@dataclass(frozen=True)
class Counted:
    """What is counted about each line of a page, and what it takes to count again when some lines are gone.

    `own` are the columns of OWN; `same` and `first` number what each line says and its first word, `words` are its
    words and `content` those that say something; of the page's words `weights` are those for layout, and `title` marks
    those of the title. `in_lines` tells whether the text has lines: the repeats of one that has not are forgotten with
    the sentences that are gone.
    """

    own: Matrix
    same: Places
    first: Places
    words: Words
    content: Words
    weights: Matrix
    title: Flags
    title_words: int
    in_lines: bool

    def only(self, places: Places) -> Counted:
        """What is counted where only some of the lines stand."""
        own = self.own[places]
        if not self.in_lines:
            own[:, _COLUMN["repeated"]] = 0
        same, content = self.same[places], self.content.only(places)
        _count_among(own, same, content)
        words, first = self.words.only(places), self.first[places]
        return replace(self, own=own, same=same, first=first, words=words, content=content)

    def rows(self) -> Matrix:
        """One row for each line, one column for each of NAMES, float32."""
        own = self.own
        if not len(own):
            return np.zeros((0, len(NAMES)), np.float32)
        rows: Matrix = np.hstack(
            [
                own,
                _neighbours(own),
                _means(own),
                _places(own),
                _page(own),
                _landmarks(own),
                _alikeness(own, self.first),
                _stretch(self),
                worded(self.words.told(own[:, _COLUMN["prose"]] > 0, self.weights)),
            ],
            dtype=np.float32,
        )
        return rows


def word_counts(rows: Matrix) -> Matrix:
    """How many words each row's line has."""
    return np.asarray(np.expm1(rows[:, _COLUMN["words"]]), np.float32)


def counted(document: Document, weights: Weights) -> Counted:
    """What is counted about the lines of a document, given the weights of words."""
    small = FUNCTION_WORDS.get(document.lang, frozenset())
    title = frozenset(key(document.article.title or "").split())
    keys = [line.key for line in document.blocks]
    said = Said(keys, small)
    numbers = {words: number for number, words in enumerate(dict.fromkeys(keys))}
    same = np.fromiter(map(numbers.__getitem__, keys), np.int64, len(keys))
    bodies = np.fromiter(chain.from_iterable(line.body for line in document.blocks), np.int64).reshape(-1, 2)
    own = np.hstack([_characters(document, *bodies.T), _covered(document, *bodies.T), _words(document, said, title)])
    _count_among(own, same, said.content)
    telling = title - small
    in_title = said.flags(telling.__contains__)
    words, weighed = said.different, said.weighed(weights)
    return Counted(own, same, said.first, words, said.content, weighed, in_title, len(telling), document.in_lines)


def worded(told: Matrix) -> Matrix:
    """The columns of WORDED, given how much the words of each line speak for layout [lines, 3]."""
    mean = told[:, :1]
    return np.hstack([told, _beside(mean, _WORDED_REACH, 0), _around(mean, _WORDED_WIDTHS)], dtype=np.float32)


def _count_among(own: Matrix, same: Places, content: Words) -> None:
    """Fill in the columns that depend on what else stands on the page."""
    copies = np.log1p(np.bincount(same)[same] - 1)
    shared = content.shared(own[:, _COLUMN["prose"]] > 0)
    among = np.where(own[:, _COLUMN["words"]] > 0, [copies, shared], 0).astype(np.float32)
    own[:, _COLUMN["copies"]], own[:, _COLUMN["vocabulary"]] = among


@lru_cache(maxsize=1)
def _classes() -> NDArray[np.uint16]:
    """For each code point below 0x10000 a bit for each class of characters it belongs to."""
    characters = [chr(point) for point in range(0x10000)]
    table = np.zeros(0x10000, np.uint16)
    for bit, test in enumerate((str.isalpha, str.isupper, str.isdigit)):
        table |= np.fromiter(map(test, characters), np.uint16, 0x10000) << np.uint16(bit)
    for bit, signs in enumerate(_SIGNS.values(), 3):
        table[[ord(sign) for sign in signs]] |= np.uint16(1 << bit)
    return table


def _characters(document: Document, starts: Places, ends: Places) -> Matrix:
    """The columns that come from classes of characters, for all lines at once."""
    points = np.frombuffer(document.article.text.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _classes()[np.minimum(points, 0xFFFF)]
    total = np.zeros(len(points) + 1, np.int64)

    def count(flags: Flags) -> Matrix:
        np.cumsum(flags, out=total[1:])
        return np.asarray(total[ends] - total[starts], np.float32)

    letter, capital, digit = ((classes & (1 << bit)) > 0 for bit in range(3))
    begins = letter & np.concatenate([[True], ~letter[:-1]])
    size = np.maximum(1, ends - starts).astype(np.float32)
    letters, words = count(letter), np.maximum(1, count(begins))
    signs = [count((classes & (1 << bit)) > 0) / words for bit, _ in enumerate(_SIGNS, 3)]
    shares = [count(flags) / size for flags in (letter, capital, digit)]
    columns = [np.log1p(ends - starts), letters / words, count(begins & capital) / words, *shares, *signs]
    return np.column_stack(columns).astype(np.float32)


def _covered(document: Document, starts: Places, ends: Places) -> Matrix:
    """Which share of each line is the copy of a repeat, and which a photo credit."""
    columns = []
    for spans in (
        [document.sentences[i].body for repeat in document.repeats for i in repeat.copy],
        [credit.span for credit in document.credits],
    ):
        flags = np.zeros(len(document.article.text) + 1, np.float32)
        for start, end in spans:
            flags[start + 1 : end + 1] = 1
        total = np.cumsum(flags)
        columns.append((total[ends] - total[starts]) / np.maximum(1, ends - starts))
    return np.column_stack(columns)


def _words(document: Document, said: Said, title: frozenset[str]) -> Matrix:
    """The columns that come from each line's words; those that other lines have a say in are left for later."""
    text, lines = document.article.text, document.blocks
    known, count = lexicon(document.lang), np.maximum(1, said.counts)
    looks = [
        text[start:end] if end - start < _LONG else f"{text[start : start + 200]}{text[end - 200 : end]}"
        for start, end in (line.body for line in lines)
    ]
    kinds = [line.kind for line in lines]
    prose = said.counts >= _PROSE_WORDS
    prose[prose] = [_finished(looks[place][-_PROSE_END:]) for place in np.flatnonzero(prose)]
    in_title = said.different.bearing(said.flags(title.__contains__))
    dates = np.where(said.counts <= _DATED_WORDS, said.total(said.flags(known.is_date)), 0)
    none, later = np.full(len(lines), -1.0), np.zeros(len(lines))
    columns: list[Any] = [
        np.log1p(count),
        said.total(said.small) / count,
        np.log1p([len(line.sentences) for line in lines]),
        [_finished(look) for look in looks],
        [look.endswith(ASKS) for look in looks],
        [look.endswith(LEADS_UP) for look in looks],
        [look.endswith(("…", "...", "…]", "...]")) for look in looks],
        [look[:1] in _OPENERS for look in looks],
        [look[:1].islower() for look in looks],
        [look[:1].isdigit() for look in looks],
        later,
        [kind == "heading" for kind in kinds],
        [kind == "item" for kind in kinds],
        in_title / np.maximum(1, said.different.counts) if title else none,
        in_title / len(title) if title else none,
        later,
        ["http" in look or "www." in look or "](" in look for look in looks],
        dates / count,
        dates >= 2,
        prose,
    ]
    rows = np.hstack([np.column_stack(columns), _cue_strengths(document.cues)], dtype=np.float32)
    rows[said.counts == 0] = 0
    return rows


def _finished(look: str) -> bool:
    end = look.rstrip(_CLOSERS)[-1:]
    return end != "" and end in _SIGNS["stops"]


_PLACE_OF = {family: place for place, family in enumerate(FAMILIES)}


def _cue_strengths(lines: Sequence[tuple[Cue, ...]]) -> Matrix:
    """For each line how strong the cues of each family are, and the strongest of all."""
    strengths = np.zeros((len(lines), len(FAMILIES) + 1), np.float32)
    cues = [(place, _PLACE_OF[cue.family], _STRENGTH[cue.kind]) for place, own in enumerate(lines) for cue in own]
    if cues:
        place, family, strength = np.array(cues).T
        np.maximum.at(strengths, (place, family), strength)
        np.maximum.at(strengths, (place, -1), strength)
    return strengths


def _columns(own: Matrix, names: Sequence[str]) -> Matrix:
    return own[:, [_COLUMN[name] for name in names]]


def _neighbours(own: Matrix) -> Matrix:
    return _beside(_columns(own, _SEEN), [offset for offset in range(-_REACH, _REACH + 1) if offset], -1)


def _beside(columns: Matrix, offsets: Sequence[int], missing: float) -> Matrix:
    """The columns of the lines at some offsets from each line; `missing` beyond the first and the last."""
    most = max(offsets)
    padded = np.pad(columns, ((most, most), (0, 0)), constant_values=missing)
    return np.hstack([padded[most + offset : most + offset + len(columns)] for offset in offsets])


def _means(own: Matrix) -> Matrix:
    return _around(_columns(own, _SMOOTHED), _WIDTHS)


def _around(columns: Matrix, widths: Sequence[int]) -> Matrix:
    """The means of each column over the lines at most so far away, for each width."""
    total = _totals(columns)
    return np.hstack([_mean(total, width) for width in widths])


def _totals(columns: Matrix) -> NDArray[np.float64]:
    """The sum of each column over the lines above each line, and of all lines as the last row."""
    return np.concatenate([np.zeros((1, columns.shape[1])), np.cumsum(columns, axis=0, dtype=np.float64)])


def _mean(total: NDArray[np.float64], width: int) -> Matrix:
    """The means of columns with these totals over the lines at most `width` away."""
    places = np.arange(len(total) - 1)
    first, last = np.maximum(0, places - width), np.minimum(len(places), places + width + 1)
    return np.asarray((total[last] - total[first]) / (last - first)[:, None], np.float32)


def _nearest(marks: Flags, most: int) -> Places:
    """How many lines above and below each line [lines, 2] the nearest marked one is, itself included; `most` when none
    is near. For several kinds of marks [lines, kinds] at once: [lines, 2 * kinds]."""
    marks = marks.reshape(len(marks), -1)
    places = np.arange(len(marks))[:, None]
    above = places - np.maximum.accumulate(np.where(marks, places, -most))
    below = np.minimum.accumulate(np.where(marks, places, len(marks) + most)[::-1])[::-1] - places
    return np.minimum(np.stack([above, below], axis=2), most).reshape(len(marks), -1)


def _places(own: Matrix) -> Matrix:
    """Where a line stands on its page."""
    places = np.arange(len(own))
    words = np.expm1(own[:, _COLUMN["words"]])
    prose = own[:, _COLUMN["prose"]] > 0
    of_prose = words * prose
    before, total = np.cumsum(words) - words, max(1.0, float(words.sum()))
    prose_before, all_prose = np.cumsum(of_prose) - of_prose, max(1.0, float(of_prose.sum()))
    at = places[prose] if prose.any() else np.zeros(1, np.int64)
    return np.column_stack(
        [
            places / len(own),
            before / total,
            1 - (before + words) / total,
            _nearest(prose, _FAR),
            prose_before / all_prose,
            1 - (prose_before + of_prose) / all_prose,
            np.clip(places - at[0], -_FAR, _FAR),
            np.clip(places - at[-1], -_FAR, _FAR),
        ]
    )


def _page(own: Matrix) -> Matrix:
    """What kind of page it is, the same for all of its lines."""
    words = np.expm1(own[:, _COLUMN["words"]])
    total = max(1.0, float(words.sum()))
    prose = float((words * own[:, _COLUMN["prose"]]).sum())
    means = _columns(own, ("cue", "finished", "title_share")).mean(axis=0)
    return np.tile(np.array([np.log1p(len(own)), np.log1p(total), prose / total, *means], np.float32), (len(own), 1))


def _landmarks(own: Matrix) -> Places:
    """How far the nearest line of each telling kind is, above and below."""
    marks = {name: own[:, _COLUMN[f"cue_{name}"]] >= _STRONG for name in _LANDMARKS if name in FAMILIES}
    marks["dated"] = own[:, _COLUMN["dated"]] > 0
    marks["title"] = own[:, _COLUMN["title_share"]] >= 0.7
    marks["label"] = (np.expm1(own[:, _COLUMN["words"]]) < 12) & (own[:, _COLUMN["finished"]] == 0)
    return _nearest(np.column_stack([marks[name] for name in _LANDMARKS]), _VERY_FAR)


def _alikeness(own: Matrix, first: Places) -> Matrix:
    """How much a line looks like its neighbours: lists, tables and menus are made of lines of one shape."""
    steps = np.abs(np.diff(_columns(own, _OWN_SHAPE), axis=0)).sum(axis=1)
    gap = np.concatenate([[5], steps, [5]])
    same = np.concatenate([[0], first[1:] == first[:-1], [0]])
    run = np.cumsum(gap[:-1] >= _ALIKE)
    return np.column_stack(
        [gap[:-1], gap[1:], _around(gap[:-1, None], (4,)), same[:-1], same[1:], np.bincount(run)[run]]
    )


def _stretch(page: Counted) -> Matrix:
    """Where a line stands by the page's longest stretch of prose, and how many of its words stand there too."""
    own, content = page.own, page.content
    words = np.expm1(own[:, _COLUMN["words"]])
    prose = own[:, _COLUMN["prose"]] > 0
    first, last = best_stretch(np.where(prose, words, -np.minimum(10, 4 + words)))
    places = np.arange(len(own))
    inside = prose & (places >= first) & (places < last)
    shared = np.where(content.counts, content.shared(inside), -1)
    found = np.count_nonzero(content.standing(inside)[page.title])
    return np.column_stack(
        [
            (places >= first) & (places < last),
            np.clip(places - first, -_VERY_FAR, _VERY_FAR),
            np.clip(places - last + 1, -_VERY_FAR, _VERY_FAR),
            shared,
            np.full(len(own), words[first:last].sum() / max(1.0, float(words.sum()))),
            np.full(len(own), found / page.title_words if page.title_words else -1),
        ]
    )


def zones(rows: Matrix) -> Places:
    """For each row of features the place in ZONES: all lines of a page with next to no prose stand inside.

    What follows the last paragraph may be a list or table of the article, up to the first wording of layout.
    """
    worded = rows[:, _COLUMN["cue"]] >= _STRONG
    paragraphs = np.flatnonzero((rows[:, _COLUMN["prose"]] > 0) & ~worded)
    if len(paragraphs) < _PARAGRAPHS:
        return np.ones(len(rows), np.int64)
    places = np.arange(len(rows))
    ends = np.flatnonzero(worded & (places > paragraphs[-1]))
    below = ends[0] if len(ends) else len(rows)
    return np.where(places < paragraphs[0], 0, np.where(places >= below, 2, 1))


def best_stretch(scores: Matrix) -> tuple[int, int]:
    """The places [first, last) of the lines with the greatest sum of scores (Kadane's maximum subarray).

    >>> best_stretch(np.array([-1, 5, -2, 4, -9, 3]))
    (1, 4)
    """
    total = np.concatenate([[0.0], np.cumsum(scores)])
    last = int(np.argmax(total[1:] - np.minimum.accumulate(total)[:-1])) + 1
    return int(np.argmin(total[:last])), last
