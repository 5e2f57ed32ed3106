"""The same story in one collection: candidate pairs, verified exactly, and the groups that they make.

A straight line: equal articles first (they cost one comparison each, however many there are), then pairs that agree in
a band, then those that share samples; each pair is compared by all its shingles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.bands import candidate_pairs, runs
from dedupe.corpus.cluster import Edge
from dedupe.corpus.collection import Collection, Shelf
from dedupe.corpus.containment import containment_pairs
from dedupe.corpus.verify import Compared, Kind, Likeness, Terms, compare
from dedupe.parallel import Workers

Order = Callable[[int], tuple[object, ...]]
"""The key by which articles are sorted; the first of several copies stays."""

_TASK = 20_000
_PRODUCT = 10_000
SAME = Likeness(Kind.SAME, 1.0, 1.0, False)
_SHORT = Likeness(Kind.SHORT, 0.0, 0.0, False)


class Found(NamedTuple):
    """`same` gives each copy its class' first article; `edges` are between such firsts, or articles without copies."""

    same: dict[int, Edge]
    edges: list[Edge]


def find(collection: Collection, order: Order, terms: Terms, workers: Workers[Any]) -> Found:
    """All verified pairs of a collection."""
    same = {edge.b: edge for edge in _same(collection, order)}
    compared = np.flatnonzero(collection.sizes)
    firsts = compared[~np.isin(compared, list(same))] if same else compared
    tasks = _tasks(collection, _candidates(collection, firsts, terms), terms)
    return Found(same, [edge for edges in workers.map(verified, tasks) for edge in edges])


def _same(collection: Collection, order: Order) -> Iterator[Edge]:
    """Each article that equals an earlier one, with that one."""
    ranked = np.argsort(collection.digests, kind="stable")
    starts, sizes = runs(collection.digests[ranked])
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        alike = ranked[start : start + size].tolist()
        if not collection.sizes[alike[0]]:
            continue
        alike.sort(key=order)
        shelf = collection.shelf(alike)
        firsts: list[tuple[int, Compared]] = []
        for place, article in enumerate(alike):
            one = shelf.compared(place)
            for first, other in firsts:
                if np.array_equal(one.shingles, other.shingles):
                    differ = not np.array_equal(one.numbers, other.numbers)
                    yield Edge(first, article, SAME._replace(numbers_differ=differ))
                    break
            else:
                firsts.append((article, one))


def _candidates(collection: Collection, firsts: NDArray[np.int64], terms: Terms) -> Iterator[NDArray[np.int64]]:
    for pairs in candidate_pairs(collection.keys[firsts]):
        yield firsts[pairs]
    among = np.zeros(len(collection), bool)
    among[firsts[collection.sizes[firsts] >= terms.passage]] = True
    keys = collection.keys
    for pairs in containment_pairs(collection.samples, among):
        agree = (keys[pairs[:, 0]] == keys[pairs[:, 1]]).any(axis=1)
        yield pairs[~agree]


class _Task(NamedTuple):
    articles: list[int]
    shelf: Shelf
    pairs: NDArray[np.int64]
    terms: Terms


def _tasks(collection: Collection, candidates: Iterable[NDArray[np.int64]], terms: Terms) -> Iterator[_Task]:
    for pairs in candidates:
        for at in range(0, len(pairs), _TASK):
            articles, places = np.unique(pairs[at : at + _TASK], return_inverse=True)
            chosen = articles.tolist()
            yield _Task(chosen, collection.shelf(chosen), places.reshape(-1, 2), terms)


def verified(_: object, task: _Task) -> list[Edge]:
    """Those candidates of a task that are near-duplicates, or contained in one another."""
    known: dict[int, Compared] = {}
    edges = []
    for a, b in task.pairs.tolist():
        for place in (a, b):
            if place not in known:
                known[place] = task.shelf.compared(place)
        likeness = compare(known[a], known[b], task.terms)
        if likeness:
            if len(known[a].shingles) > len(known[b].shingles):
                a, b = b, a
            edges.append(Edge(task.articles[a], task.articles[b], likeness))
    return edges


def all_pairs(found: Found, collection: Collection) -> Iterator[Edge]:
    """Every pair: copies with the first of their class, and the classes of two near-duplicates member by member.

    Where that would be more than 10,000 pairs, each member stands with the other class' first. Texts of one to four
    words stand with the first that has the same words.
    """
    yield from found.same.values()
    members: dict[int, list[int]] = {}
    for edge in found.same.values():
        members.setdefault(edge.a, [edge.a]).append(edge.b)
    for edge in found.edges:
        left, right = members.get(edge.a, [edge.a]), members.get(edge.b, [edge.b])
        if len(left) * len(right) <= _PRODUCT:
            yield from (Edge(a, b, edge.likeness) for a in left for b in right)
        else:
            yield edge
            yield from (Edge(edge.a, b, edge.likeness) for b in right[1:])
            yield from (Edge(a, edge.b, edge.likeness) for a in left[1:])
    for alike in collection.short.values():
        yield from (Edge(alike[0], other, _SHORT) for other in alike[1:])
