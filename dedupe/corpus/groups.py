"""Groups of duplicates around the copies that stay, and the pairs that prove them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Literal, NamedTuple

from dedupe.corpus.cluster import Edge, Membership, star_cover
from dedupe.corpus.collection import Collection
from dedupe.corpus.duplicates import SAME, Found, Order
from dedupe.corpus.verify import Kind

Keep = Literal["earliest", "longest", "first"]
KEEPS: tuple[Keep, ...] = ("earliest", "longest", "first")


class Group(NamedTuple):
    """A keeper and its duplicates, in keeper order, as their places in the collection."""

    keeper: int
    members: list[tuple[int, Membership]]


def keeper_order(collection: Collection, keep: Keep = "earliest", prefer: Sequence[str] = ()) -> Order:
    """Which of several copies stays: the one that sorts first.

    "earliest" is the earliest published (unknown dates last), then the longest; "longest" the other way round; both end
    with the id, so that the order of the input changes nothing; "first" is that order. Copies of the sites to `prefer`
    come before all others, in the order in which they are named.
    """
    ranks = {site: place for place, site in enumerate(prefer)}

    def key(article: int) -> tuple[object, ...]:
        site = ranks.get(collection.sites[article], len(ranks))
        published = float(collection.published[article])
        dated = math.inf if math.isnan(published) else published
        longest = -int(collection.lengths[article])
        id = collection.ids[article]
        if keep == "first":
            return site, article
        return (site, dated, longest, id) if keep == "earliest" else (site, longest, dated, id)

    return key


class Known(NamedTuple):
    """What an index knows of a collection of n `articles`.

    `guests` are ids of older articles, numbered from n on, and `edges` the pairs in which they stand. `standing` says
    of guests, and of articles that are in the index as they are (`unchanged`), whether they are keepers: that stays.
    """

    articles: int
    standing: Mapping[int, bool]
    guests: Sequence[str] = ()
    edges: Sequence[Edge] = ()
    unchanged: Set[int] = frozenset()

    def name(self, collection: Collection, article: int) -> str:
        """The id of an article or guest."""
        return collection.ids[article] if article < self.articles else self.guests[article - self.articles]

    def order(self, order: Order) -> Order:
        """That order, with keepers that are known before all others; guests by their id."""

        def key(article: int) -> tuple[object, ...]:
            stays = self.standing.get(article)
            if article >= self.articles:
                return (0 if stays else 2, 0, self.guests[article - self.articles])
            return (0 if stays else 1, 1, *order(article))

        return key


def groups(found: Found, order: Order, known: Known) -> list[Group]:
    """The groups, in keeper order, known keepers before all others. Copies of an article belong to its keeper."""
    rank = known.order(order)
    classes: dict[int, list[int]] = {}
    for copy, edge in found.same.items():
        classes.setdefault(edge.a, [edge.a]).append(copy)
    first_of: dict[int, int] = {}
    for alike in classes.values():
        first_of |= dict.fromkeys(alike, min(alike, key=rank))
    edges = [
        Edge(first_of.get(edge.a, edge.a), first_of.get(edge.b, edge.b), edge.likeness)
        for edge in (*found.edges, *known.edges)
    ]
    ends = {place for edge in edges for place in (edge.a, edge.b)} | set(first_of.values())
    members = star_cover(sorted(ends, key=rank), edges, known.standing)
    for place, first in first_of.items():
        if place == first or known.standing.get(place):
            continue
        differ = any(found.same[one].likeness.numbers_differ for one in (place, first) if one in found.same)
        own = members.get(first)
        likeness = own.likeness if own else SAME
        keeper = own.keeper if own else first
        members[place] = Membership(keeper, likeness._replace(numbers_differ=likeness.numbers_differ or differ))
    of_keeper: dict[int, list[tuple[int, Membership]]] = {}
    for article in sorted((article for article in members if article < known.articles), key=rank):
        of_keeper.setdefault(members[article].keeper, []).append((article, members[article]))
    return [Group(keeper, of_keeper[keeper]) for keeper in sorted(of_keeper, key=rank)]


def ordered(pairs: Iterable[Edge], order: Order) -> Iterator[Edge]:
    """The pairs sorted, in each the copy first that would stay; of a contained pair the shorter one."""
    turned = [
        edge
        if edge.likeness.kind is Kind.CONTAINED or order(edge.a) <= order(edge.b)
        else Edge(edge.b, edge.a, edge.likeness)
        for edge in pairs
    ]
    yield from sorted(turned, key=lambda edge: (order(edge.a), order(edge.b)))
