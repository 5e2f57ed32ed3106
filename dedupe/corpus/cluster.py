"""Star cover: who is a duplicate of whom. Every duplicate was compared with the copy that stays.

Articles are walked in keeper order. One with a verified edge to a keeper is its duplicate, otherwise it is a keeper
itself; so of a chain A ~ B ~ C, C is never taken for A. An article that is longer than one it contains is no duplicate
of it: the longer text would be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dedupe.corpus.verify import Kind, Likeness


class Edge(NamedTuple):
    """A verified pair. For kind "contained" `a` is the one that stands in `b`."""

    a: int
    b: int
    likeness: Likeness


class Membership(NamedTuple):
    """A duplicate's keeper, and how alike the two are."""

    keeper: int
    likeness: Likeness


def star_cover(order: Iterable[int], edges: Iterable[Edge], known: Mapping[int, bool]) -> dict[int, Membership]:
    """The duplicates with their keepers; articles that are not in the result stand for themselves.

    `order` gives all articles that stand in edges, first keepers first. `known` says what was decided before: true for
    a keeper, which stays one, false for a duplicate, which is nobody's keeper. Of several keepers an article gets the
    one most alike, then the first in order.
    """
    partners: dict[int, list[tuple[int, Likeness]]] = {}
    for edge in edges:
        partners.setdefault(edge.a, []).append((edge.b, edge.likeness))
        if edge.likeness.kind is not Kind.CONTAINED:
            partners.setdefault(edge.b, []).append((edge.a, edge.likeness))
    rank = {article: place for place, article in enumerate(order)}
    keepers = {article for article, stays in known.items() if stays}
    members: dict[int, Membership] = {}
    for article in rank:
        if article in keepers:
            continue
        near = [(partner, likeness) for partner, likeness in partners.get(article, ()) if partner in keepers]
        if near:
            keeper, likeness = max(near, key=lambda found: (found[1].jaccard, found[1].containment, -rank[found[0]]))
            members[article] = Membership(keeper, likeness)
        elif article not in known:
            keepers.add(article)
    return members
