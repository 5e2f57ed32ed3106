"""The model that judges lines: gradient-boosted oblivious trees, run in plain numpy.

Each tree asks the same few questions of every line ("fewer than 7 words?"), so a line's answers, read as bits, are the
number of its leaf. Method: CatBoost (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with categorical
features"); only training needs that library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.errors import ConfigError
from dedupe.lines.features import NAMES, ZONES, Counted, counted, word_counts, zones
from dedupe.lines.reasons import GROUP_OF, GROUPS, why
from dedupe.lines.spared import spared
from dedupe.lines.wording import STEP, Weights
from dedupe.model import Document, LineScore, Safety

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

LEVELS = (Safety.SAFE, Safety.LIKELY, Safety.DOUBTFUL)
_SAFETY = (None, *reversed(LEVELS))
_NOISY_LIMITS = np.array([[0.007, 0.007, 0.007], [0.35, 0.28, 0.35], [0.5, 0.5, 0.5]], np.float32)
"""Below which probability a line of a page that is mostly noise goes at each of LEVELS in each of ZONES."""
_CLEAN, _NOISY = 0.8, 0.4
"""From this mean probability of its lines a page is clean, below that it is noisy."""
_LITTLE_PROSE = 0.5, 0.95
"""Where the likely lines of a page are prose to so small a share it is never called noisy, from the other on it may be:
of a shop, a recipe, a list it is hard to say what its short lines are."""
_INSIDE = ZONES.index("inside")
_SURELY = 0.8
_HARDLY_SURE = 0.58, 0.68
"""Where so small a share of what is likely article text is surely so, nothing goes from inside it but at `strict`; from
the other on as elsewhere: of a page that is no article (what a company says of itself, an offer, a list of posts), who
can tell? Not so of a text in one line, of whose sentences the model is never as sure."""
_MOST_LINES = 20_000
_SHORT, _LONG = np.array([15, 50, 50], np.float32), np.array([40, 80, 90], np.float32)
"""A page of fewer lines is never called noisy in each of ZONES, one of so many may be: of few lines, who can tell? Most
of all not inside the article (`bench/short_pages.py`); of a text in one line all sentences count as the first zone."""
_SENTENCES, _LARGEST_SHARE = 3, 0.15
"""A line of so many sentences that holds a larger share of all words stays."""
_TELLING = 200
"""As many trees are asked for reasons; the others change little."""
_LINES_AT_ONCE = 500


class _Look(NamedTuple):
    """What the model says at one look of each line: its features, its zone (a place in ZONES), how likely it is article
    text, and the safest level at which it goes (0 where it stays)."""

    rows: Matrix
    zone: NDArray[np.int64]
    likely: Matrix
    safety: NDArray[np.int64]


class _Questions:
    """The questions of some trees, at most eight of each; several trees ask the same one, which is answered once."""

    def __init__(self, columns: NDArray[np.int64], borders: Matrix) -> None:
        different, numbers = np.unique([columns.ravel(), borders.ravel()], axis=1, return_inverse=True)
        self._columns, self._borders = different[0].astype(np.int64), different[1].astype(np.float32)[:, None]
        self._asked = numbers.reshape(columns.shape).T[::-1]
        self._first = np.arange(len(columns))[:, None] << columns.shape[1]

    def leaves(self, rows: Matrix) -> NDArray[np.int64]:
        """The place of each row's leaf in each tree, counted over all leaves of these trees [trees, lines]."""
        answers = (rows.T.take(self._columns, axis=0) > self._borders).view(np.uint8)
        leaf = answers.take(self._asked[0], axis=0)
        for questions in self._asked[1:]:
            leaf += leaf  # takes a fraction of the time of a shift
            leaf |= answers.take(questions, axis=0)
        return np.asarray(self._first + leaf)


@dataclass(frozen=True)
class LineModel:
    """Trained trees: `columns` and `borders` [trees, depth] are the questions, `leaves` [trees, 2 ** depth] what each
    answer adds to the logarithm of the odds that the line is article text, `bias` where that begins; `limits`
    [LEVELS, ZONES] are the probabilities below which a line of a clean page goes at each level; `words` say how much
    they speak for layout."""

    columns: NDArray[np.int64]
    borders: Matrix
    leaves: Matrix
    bias: float
    limits: Matrix
    words: Weights

    @property
    def depth(self) -> int:
        """How many questions a tree asks."""
        return int(self.columns.shape[1])

    def probability(self, rows: Matrix) -> Matrix:
        """How likely each row of features [lines, NAMES] is article text: 0 to 1."""
        odds = np.concatenate([np.zeros(0, np.float32), *map(self._odds, _some_at_once(rows))])
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def judged(self, document: Document) -> tuple[LineScore, ...]:
        """What the model says of each line of a document; nothing of one that is too long for a page.

        It looks twice: what is left of the page when its unlikely lines are gone may show more of them.
        """
        if not 0 < len(document.blocks) <= _MOST_LINES:
            return ()
        look = self._look_twice(counted(document, self.words))
        going = look.safety > 0
        reasons = iter(self._reasons(look.rows[going], [document.blocks[n].key for n in np.flatnonzero(going)]))
        scores = [
            LineScore(round(chance, 3), _SAFETY[safety], next(reasons) if safety else "")
            for chance, safety in zip(look.likely.tolist(), look.safety.tolist(), strict=True)
        ]
        for place in spared(document, look.rows, look.zone, look.likely, look.safety >= Safety.LIKELY):
            if scores[place].safety:
                scores[place] = scores[place]._replace(safety=Safety.DOUBTFUL)
        return tuple(scores)

    def _look_twice(self, page: Counted) -> _Look:
        """What the model says of each line, and of those that stay once more."""
        look = self._look(page)
        kept = np.flatnonzero(look.safety < Safety.LIKELY)
        if 0 < len(kept) < len(look.safety):
            again = self._look(page.only(kept), look.zone[kept])
            more = again.safety >= Safety.LIKELY
            look.rows[kept[more]], look.likely[kept[more]] = again.rows[more], again.likely[more]
            look.safety[kept[more]] = Safety.LIKELY
        return look

    def _look(self, page: Counted, zone: NDArray[np.int64] | None = None) -> _Look:
        """What the model says of each line at one look at the page; `zone`: where they stand, if that is known."""
        rows = page.rows()
        zone = zones(rows) if zone is None else zone
        likely = self.probability(rows)
        limits = self.limits_for(likely, rows, page.in_lines)[:, zone]
        limits[:, _too_much(rows)] = 0
        if not page.in_lines:
            limits[LEVELS.index(Safety.SAFE)] = 0
        return _Look(rows, zone, likely, np.select(list(likely < limits), LEVELS))

    def limits_for(self, likely: Matrix, rows: Matrix, in_lines: bool = True) -> Matrix:
        """Below which probability a line goes at each level in each zone, given those of all lines of its page and
        their features."""
        if not len(likely):
            return self.limits
        length = np.clip((len(likely) - _SHORT) / (_LONG - _SHORT), 0, 1)
        if not in_lines:
            length[:] = length[0]
        words = word_counts(rows) * (likely >= _NOISY_LIMITS[LEVELS.index(Safety.LIKELY), _INSIDE])
        prose = _between(_share(words, rows[:, NAMES.index("prose")] > 0), *_LITTLE_PROSE)
        noise = _between(float(likely.mean()), _CLEAN, _NOISY) * prose * length
        limits = self.limits + noise * np.maximum(0, _NOISY_LIMITS - self.limits)
        sure = _between(_share(words, likely >= _SURELY), *_HARDLY_SURE) if in_lines else 1.0
        limits[: LEVELS.index(Safety.DOUBTFUL), _INSIDE] *= sure
        return np.asarray(limits, np.float32)

    @cached_property
    def _questions(self) -> _Questions:
        return _Questions(self.columns, self.borders)

    @cached_property
    def _telling(self) -> tuple[_Questions, Matrix]:
        """The questions of the trees that say most, and what each of their leaves [trees * 2 ** depth, groups] owes to
        each group of features: half of what the other answer to a question would change, summed over the group's
        questions."""
        trees = np.sort(np.argsort(-self.leaves.std(axis=1), kind="stable")[:_TELLING])
        leaves, owed = self.leaves[trees], np.zeros((len(trees), 2**self.depth, len(GROUPS)), np.float32)
        numbers = np.arange(2**self.depth)
        for place in range(self.depth):
            change = (leaves - leaves[:, numbers ^ (1 << place)]) / 2
            owed[np.arange(len(trees)), :, GROUP_OF[self.columns[trees, place]]] += change
        return _Questions(self.columns[trees], self.borders[trees]), owed.reshape(-1, len(GROUPS))

    def _reasons(self, rows: Matrix, keys: Sequence[str]) -> list[str]:
        """What speaks most against each row, given the key of its line, in words."""
        questions, owed = self._telling
        owing = [owed.take(questions.leaves(piece), axis=0).sum(axis=0) for piece in _some_at_once(rows)]
        return why(rows, np.concatenate(owing), keys, self.words) if owing else []

    def _odds(self, rows: Matrix) -> Matrix:
        return np.asarray(self.leaves.take(self._questions.leaves(rows)).sum(axis=0) + self.bias, np.float32)

    def save(self, path: Path) -> None:
        """Write the model to a file, small and the same bytes each time."""
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                names=np.array(NAMES),
                columns=self.columns.astype(np.uint8),
                borders=self.borders,
                leaves=self.leaves.astype(np.float16),
                bias=np.float32(self.bias),
                limits=self.limits.astype(np.float32),
                words=np.frombuffer("\n".join(self.words).encode(), np.uint8),
                weights=np.round(np.array([*self.words.values()]) / STEP).astype(np.int8),
            )


def _some_at_once(rows: Matrix) -> Iterator[Matrix]:
    return (rows[at : at + _LINES_AT_ONCE] for at in range(0, len(rows), _LINES_AT_ONCE))


def _between(value: float, none: float, all_of_it: float) -> float:
    """How far a value is on the way from one to another: 0 to 1."""
    return min(1.0, max(0.0, (value - none) / (all_of_it - none)))


def _share(words: Matrix, flags: NDArray[np.bool_]) -> float:
    """Which share of all words the lines with a flag hold."""
    return float(words[flags].sum()) / max(1.0, float(words.sum()))


def _too_much(rows: Matrix) -> NDArray[np.bool_]:
    """Lines that hold so much of their page that no look at them is enough to cut them."""
    words = word_counts(rows)
    several = rows[:, NAMES.index("sentences")] >= np.log1p(_SENTENCES)
    return np.asarray(several & (words > _LARGEST_SHARE * words.sum()))


@lru_cache(maxsize=2)
def load(path: str = "") -> LineModel:
    """The model in a file, or the one that comes with the program.

    Raises ConfigError for a file that is no model, or one that was trained with other features.
    """
    if not path:
        with as_file(files("dedupe.lines") / "weights.npz") as shipped:
            return _read(shipped)
    return _read(Path(path))


def _read(path: Path) -> LineModel:
    again = "train it again: python -m dedupe.lines.train DATA… -o MODEL.npz"
    try:
        with np.load(path, allow_pickle=False) as data:
            names, columns, borders = data["names"], data["columns"], data["borders"]
            leaves, bias, limits = data["leaves"], float(data["bias"]), data["limits"]
            words = dict(zip(data["words"].tobytes().decode().split(), (data["weights"] * STEP).tolist(), strict=True))
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{path} is no line model ({error}); {again}") from error
    if tuple(names) != NAMES:
        raise ConfigError(f"{path} was trained by another version of dedupe; {again}")
    return LineModel(columns.astype(np.int64), borders, leaves.astype(np.float32), bias, limits, words)
