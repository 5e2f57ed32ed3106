"""What spoke against a line, in words: the two or three groups of features that decided."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.lines.features import NAMES
from dedupe.lines.wording import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

_NOTHING_SAID = "what kind of page it stands on"
_MOST = 3
_ENOUGH = 0.4
"""A group that weighs less than this share of the first one is not named."""
_COLUMN = {name: place for place, name in enumerate(NAMES)}
_PHRASES: dict[str, str | Callable[[Matrix, str, Weights], str]] = {
    "words width word_length": lambda row, *_: _counted(float(row[_COLUMN["words"]])),
    "finished stops cut_end sentences": lambda row, *_: (
        "ends like no sentence" if not row[_COLUMN["finished"]] else "its full stops"
    ),
    "capital_words capitals letters": "its capitals",
    "small_words": "few small words such as “the”",
    "digits digit_start dates dated": "numbers and dates",
    "commas quotes bars dashes colons marks question colon_end quote_start lower_start item heading link": (
        "its punctuation"
    ),
    "cue": "a wording of layout",
    "worded worded_most worded_least": lambda row, line, weights: (
        f"words of layout such as “{max(line.split(), key=lambda word: weights.get(word, 0.0))}”"
        if row[_COLUMN["worded_most"]] > 0
        else "no word that articles use more"
    ),
    "repeated copies credit": lambda row, *_: "stands more than once" if row[_COLUMN["copies"]] > 0 else "",
    "title_words title_share stretch_title title_above title_below": lambda row, *_: (
        "has no word of the title" if row[_COLUMN["title_words"]] == 0 else ""
    ),
    "vocabulary stretch_words": "how few words it shares with the article",
    "neighbours": "the lines beside it",
    "shape": "stands among lines of the same shape",
    "place": "where it stands on the page",
    "stretch": "stands outside the long stretch of prose",
    "away": "lies near bylines, share bars or links",
    "page": "",
}


def _group_of(name: str) -> str:
    own = next((group for group in _PHRASES if name in group.split()), None)
    if own:
        return own
    if name.startswith("cue_"):
        return "cue"
    if re.search(r"[+~-]\d", name):
        return "neighbours"
    if name.startswith(("unlike", "alike", "begins_like")):
        return "shape"
    if name.startswith("page_"):
        return "page"
    if "stretch" in name or name.startswith("prose"):
        return "stretch"
    return "away" if name.endswith(("_above", "_below")) else "place"


GROUPS = list(_PHRASES)
GROUP_OF = np.array([GROUPS.index(_group_of(name)) for name in NAMES])
"""For each feature the place of its group in GROUPS."""


def why(rows: Matrix, owed: Matrix, keys: Sequence[str], weights: Weights) -> list[str]:
    """What speaks most against each line, given its features [lines, NAMES], what its odds owe to each group of
    features [lines, GROUPS], its key, and the weights of words."""
    against = -owed
    against[:, GROUPS.index("page")] = 0
    order = np.argsort(-against, axis=1, kind="stable").tolist()
    found = []
    for row, groups, best, line in zip(rows, against.tolist(), order, keys, strict=True):
        named: list[str] = []
        for group in best:
            if groups[group] <= 0 or len(named) == _MOST or (named and groups[group] < _ENOUGH * groups[best[0]]):
                break
            phrase = _PHRASES[GROUPS[group]]
            named += filter(None, [phrase if isinstance(phrase, str) else phrase(row, line, weights)])
        found.append(", ".join(named) or _NOTHING_SAID)
    return found


def _counted(logarithm: float) -> str:
    words = round(math.expm1(logarithm))
    return "1 word" if words == 1 else f"{words} words"
