"""The model that judges lines: gradient-boosted oblivious trees, run in plain numpy.

Each tree asks the same few questions of every line ("fewer than 7 words?"), so a line's answers, read as bits, are the
number of its leaf. Method: CatBoost (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with categorical
features"); only training needs that library.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import ConfigError
from dedupe.lines.features import NAMES, features, zones
from dedupe.lines.reasons import GROUP_OF, GROUPS, why
from dedupe.model import Document, LineScore, Safety

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

LEVELS = (Safety.SAFE, Safety.LIKELY, Safety.DOUBTFUL)
_NOISY_LIMITS = np.array([[0.007, 0.007, 0.007], [0.35, 0.35, 0.35], [0.5, 0.5, 0.5]], np.float32)
"""Below which probability a line of a page that is mostly noise goes at each of LEVELS in each of ZONES."""
_CLEAN, _NOISY = 0.8, 0.4
"""From this mean probability of its lines a page is clean, below that it is noisy."""
_MOST_LINES = 20_000
_SHORT, _LONG = 15, 40
"""A page of fewer lines is never called noisy, one of so many may be: of few lines, who can tell?"""
_ALIKE, _FEW = 3, 3
"""Of so many lines that begin alike, a third and less is not cut alone."""
_SENTENCES, _LARGEST_SHARE = 3, 0.15
"""A line of so many sentences that holds a larger share of all words stays."""
_NUMBER = re.compile(r"\d[\d.,:]*")
_TELLING = 200
"""As many trees are asked for reasons; the others change little."""
_ALL = slice(None)
_LINES_AT_ONCE = 500


@dataclass(frozen=True)
class LineModel:
    """Trained trees: `columns` and `borders` [trees, depth] are the questions, `leaves` [trees, 2 ** depth] what each
    answer adds to the logarithm of the odds that the line is article text, `bias` where that begins; `limits`
    [LEVELS, ZONES] are the probabilities below which a line of a clean page goes at each level."""

    columns: NDArray[np.int64]
    borders: Matrix
    leaves: Matrix
    bias: float
    limits: Matrix

    @property
    def depth(self) -> int:
        """How many questions a tree asks."""
        return int(self.columns.shape[1])

    def probability(self, rows: Matrix) -> Matrix:
        """How likely each row of features [lines, NAMES] is article text: 0 to 1."""
        odds = [self._odds(rows[at : at + _LINES_AT_ONCE]) for at in range(0, len(rows), _LINES_AT_ONCE)]
        return np.asarray(1 / (1 + np.exp(-np.concatenate([np.zeros(0, np.float32), *odds]))), np.float32)

    def judged(self, document: Document) -> tuple[LineScore, ...]:
        """What the model says of each line of a document; nothing of one that is too long for a page.

        It looks twice: what is left of the page when its unlikely lines are gone may show more of them.
        """
        if len(document.lines) > _MOST_LINES:
            return ()
        scores = self._look(document)
        kept = [place for place, score in enumerate(scores) if score.safety is None or score.safety < Safety.LIKELY]
        if 0 < len(kept) < len(scores):
            for place, again in zip(kept, self._look(_only(document, kept)), strict=True):
                if again.safety is not None and again.safety >= Safety.LIKELY:
                    scores[place] = again._replace(safety=Safety.LIKELY)
        for place in _left_with_their_like(document, scores):
            scores[place] = scores[place]._replace(safety=Safety.DOUBTFUL)
        return tuple(scores)

    def _look(self, document: Document) -> list[LineScore]:
        """What the model says of each line at one look at the page."""
        rows = features(document)
        likely = self.probability(rows)
        limits = self.limits_for(likely)[:, zones(rows)]
        limits[:, _too_much(rows)] = 0
        if document.shape == "one-line":
            limits[LEVELS.index(Safety.SAFE)] = 0
        unlikely = np.flatnonzero(likely < limits[-1])
        reasons = dict(zip(unlikely.tolist(), self._reasons(rows[unlikely]), strict=True))
        return [
            LineScore(round(chance, 3), _safety(chance, own), reasons.get(place, ""))
            for place, (chance, own) in enumerate(zip(likely.tolist(), limits.T.tolist(), strict=True))
        ]

    def limits_for(self, likely: Matrix) -> Matrix:
        """Below which probability a line goes at each level in each zone, given those of all lines of its page."""
        if not len(likely):
            return self.limits
        length = min(1.0, max(0.0, (len(likely) - _SHORT) / (_LONG - _SHORT)))
        noise = min(1.0, max(0.0, (_CLEAN - float(likely.mean())) / (_CLEAN - _NOISY))) * length
        more = np.maximum(0, _NOISY_LIMITS - self.limits)
        return np.asarray(self.limits + noise * more, np.float32)

    @cached_property
    def _telling(self) -> tuple[NDArray[np.int64], Matrix]:
        """The trees that say most, and what each of their leaves [trees, 2 ** depth, groups] owes to each group of
        features: half of what the other answer to a question would change, summed over the group's questions."""
        trees = np.sort(np.argsort(-self.leaves.std(axis=1), kind="stable")[:_TELLING])
        leaves, owed = self.leaves[trees], np.zeros((len(trees), 2**self.depth, len(GROUPS)), np.float32)
        numbers = np.arange(2**self.depth)
        for place in range(self.depth):
            change = (leaves - leaves[:, numbers ^ (1 << place)]) / 2
            owed[np.arange(len(trees)), :, GROUP_OF[self.columns[trees, place]]] += change
        return trees, owed.reshape(-1, len(GROUPS))

    def _reasons(self, rows: Matrix) -> list[str]:
        """What speaks most against each row, in words."""
        trees, owed = self._telling
        leaf = self._leaf(rows, trees)
        return why(rows, np.column_stack([owed[:, group][leaf].sum(axis=0) for group in range(len(GROUPS))]))

    def _leaf(self, rows: Matrix, trees: NDArray[np.int64] | slice = _ALL) -> NDArray[np.intp]:
        """The place of each row's leaf in each tree, counted over all leaves of these trees [trees, lines]."""
        columns, borders = self.columns[trees], self.borders[trees]
        features_first = np.ascontiguousarray(rows.T)
        leaf = np.zeros((len(columns), len(rows)), np.intp)
        for place in range(self.depth):
            answers = features_first[columns[:, place]] > borders[:, place, None]
            leaf += answers.astype(np.intp) << place
        return np.asarray(leaf + np.arange(len(columns))[:, None] * 2**self.depth, np.intp)

    def _odds(self, rows: Matrix) -> Matrix:
        return np.asarray(self.leaves.ravel()[self._leaf(rows)].sum(axis=0) + self.bias, np.float32)

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
            )


def _only(document: Document, places: Sequence[int]) -> Document:
    """The document as if only some of its lines stood there."""
    cues = tuple(document.cues[place] for place in places)
    if document.shape == "one-line":
        sentences = tuple(document.sentences[place] for place in places)
        return replace(document, sentences=sentences, cues=cues, repeats=())
    return replace(document, blocks=tuple(document.blocks[place] for place in places), cues=cues)


def _left_with_their_like(document: Document, scores: Sequence[LineScore]) -> Iterator[int]:
    """Likely cuts in a text with lines where most lines that begin with the same two words stay, whatever their
    numbers: entries of a list, of a price guide, of a live ticker."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, line in enumerate(document.lines if document.shape != "one-line" else ()):
        words = _NUMBER.sub("0", line.key).split(" ", 2)
        if len(words) > 2:
            alike[words[0], words[1]].append(place)
    for places in alike.values():
        going = [place for place in places if (scores[place].safety or Safety.DISPLAY) >= Safety.LIKELY]
        if len(places) >= _ALIKE and _FEW * len(going) <= len(places):
            yield from going


def _too_much(rows: Matrix) -> NDArray[np.bool_]:
    """Lines that hold so much of their page that no look at them is enough to cut them."""
    words = np.expm1(rows[:, NAMES.index("words")])
    several = rows[:, NAMES.index("sentences")] >= np.log1p(_SENTENCES)
    return np.asarray(several & (words > _LARGEST_SHARE * words.sum()))


def _safety(chance: float, limits: list[float]) -> Safety | None:
    """The safest level at which a line with this probability goes."""
    return next((level for level, limit in zip(LEVELS, limits, strict=True) if chance < limit), None)


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
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{path} is no line model ({error}); {again}") from error
    if tuple(names) != NAMES:
        raise ConfigError(f"{path} was trained by another version of dedupe; {again}")
    return LineModel(columns.astype(np.int64), borders, leaves.astype(np.float32), bias, limits)
