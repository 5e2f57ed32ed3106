"""Words that tell layout from article: how much each says, learned from labelled lines of many sites.

The weight of a word is the logarithm of its odds to stand in a line of layout, against those of any word, with a prior
(Monroe, Colaresi and Quinn 2008, "Fightin' Words"). Each site counts once for a word, however often it prints it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from dedupe.language import FUNCTION_WORDS

_SMALL = frozenset[str]().union(*FUNCTION_WORDS.values())
"""What small words say is another feature: where few sites share a language, they seem to speak for layout."""
Weights = Mapping[str, float]
"""By word how much it speaks for layout (above 0) or for an article (below); a word that is missing says nothing."""

_MOST_WORDS = 8_000
_SITES = 5
"""Words of fewer sites say nothing of other sites."""
_PRIOR = 2.0
"""As many sites like all others are added to those of each word."""
STEP = 1 / 16
"""Weights are multiples of this, so that they fit in a byte."""
_GREATEST = 127 * STEP


def shares(lines: Iterable[tuple[str, bool]]) -> dict[str, float]:
    """For each word which share of the lines of a site that hold it are layout, given the keys of its lines and whether
    they are article text."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for words, is_article in lines:
        for word in set(words.split()):
            counts[word][is_article] += 1
    return {word: layout / (layout + article) for word, (layout, article) in counts.items()}


def weigh(sites: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The weights of the words that say most, given the shares of each site."""
    count: dict[str, int] = defaultdict(int)
    layout: dict[str, float] = defaultdict(float)
    for site in sites:
        for word, share in site.items():
            count[word] += 1
            layout[word] += share
    even = sum(layout.values()) / max(1, sum(count.values()))
    if not 0 < even < 1:
        return {}
    usual, found = math.log(even / (1 - even)), []
    for word, number in count.items():
        if number >= _SITES and word not in _SMALL:
            odds = (layout[word] + _PRIOR * even) / (number - layout[word] + _PRIOR * (1 - even))
            weight = max(-_GREATEST, min(_GREATEST, round((math.log(odds) - usual) / STEP) * STEP))
            found.append((-abs(weight) * math.log1p(number), word, weight))
    return {word: weight for rank, word, weight in sorted(found)[:_MOST_WORDS] if rank}
