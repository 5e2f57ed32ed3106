"""What `dedupe duplicates` writes: a line of JSON for each pair and each group, and a summary.

    group line:  {"keeper", "members": [{"id", "kind", "jaccard", "containment", "numbers_differ"}]}
    pair line:   {"a", "b", "kind": "same"|"near"|"contained"|"short", "jaccard", "containment", "numbers_differ"}

In a pair `a` is the copy that comes first in keeper order; of a contained pair it is the article that stands in `b`,
and "spans" are the passage in both, as code points. "agency" names the news agency that signs either copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dedupe.model import Span

if TYPE_CHECKING:
    from dedupe.corpus.cluster import Edge, Membership
    from dedupe.corpus.groups import Group
    from dedupe.corpus.index import Added
    from dedupe.corpus.verify import Likeness

Name = Callable[[int], str]
"""The id of an article by its number."""

_DIGITS = 4


def pair_line(edge: Edge, name: Name, agencies: Mapping[int, str], spans: tuple[Span, Span] | None) -> dict[str, Any]:
    """A verified pair."""
    line = {"a": name(edge.a), "b": name(edge.b), **_likeness(edge.likeness)}
    agency = agencies.get(edge.a) or agencies.get(edge.b)
    return line | ({"agency": agency} if agency else {}) | ({"spans": [list(span) for span in spans]} if spans else {})


def group_line(group: Group, name: Name) -> dict[str, Any]:
    """A keeper with its duplicates."""
    members = [{"id": name(article), **_likeness(member.likeness)} for article, member in group.members]
    return {"keeper": name(group.keeper), "members": members}


def mark(member: Membership, name: Name) -> dict[str, Any]:
    """What a duplicate's record says of its keeper."""
    return {"id": name(member.keeper), **_likeness(member.likeness)}


def _likeness(likeness: Likeness) -> dict[str, Any]:
    return {
        "kind": likeness.kind.value,
        "jaccard": _below(likeness.jaccard),
        "containment": _below(likeness.containment),
        "numbers_differ": likeness.numbers_differ,
    }


def _below(share: float) -> float:
    """Rounded, but never up to 1: that is said of equal articles alone."""
    return min(round(share, _DIGITS), 1 - 10**-_DIGITS) if share < 1 else 1.0


def summary(articles: int, groups: list[Group], others: Mapping[str, int]) -> str:
    """All in one line; `others` are counts of what else there was, by name."""
    duplicates = [member.likeness for group in groups for _, member in group.members]
    differ = sum(likeness.numbers_differ for likeness in duplicates)
    words = [
        _number(articles, "article"),
        f"{_number(len(duplicates), 'duplicate')} in {_number(len(groups), 'group')}",
        f"in {differ:,} of them the numbers differ",
        *(f"{count:,} {name}" for name, count in others.items() if count),
    ]
    return "; ".join(words)


def added(told: Added) -> str:
    """What became of articles that were added to an index."""
    return (
        f"index: {told.new:,} new, {told.changed:,} changed ({told.duplicates:,} of these are duplicates), "
        f"{told.unchanged:,} there already"
    )


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"
