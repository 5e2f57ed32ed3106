"""Findings about other articles: they are only reported, with the other article as their witness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dedupe.agency import agency
from dedupe.model import Document, Finding, Neighbour, Safety, Span, Witness

NEAR = 0.8
"""The Jaccard similarity from which an article is a near-duplicate and no mere passage."""


def staying_first(neighbours: Iterable[Neighbour]) -> list[Neighbour]:
    """The neighbours that stay before those that are duplicates themselves, each in the order they had."""
    return sorted(neighbours, key=lambda neighbour: not neighbour.keeps)


def duplicate_finding(document: Document, code: str, neighbours: Sequence[Neighbour], what: str) -> Finding:
    """The article is one of these; the first of them is the witness."""
    neighbour = neighbours[0]
    others = f", and {len(neighbours) - 1} more" if len(neighbours) > 1 else ""
    numbers = "; their numbers differ" if neighbour.numbers_differ else ""
    signed = agency(document.article.text)
    wire = f"; signed by {signed}, so perhaps wire copy" if signed else ""
    return Finding(
        code,
        Span(0, len(document.article.text)),
        f"{what} as {_name(neighbour)}{others}{numbers}{wire}",
        Safety.DISPLAY,
        witness=Witness(neighbour.article_id, Span(0, neighbour.length), neighbour.jaccard),
    )


def contained_finding(code: str, neighbour: Neighbour) -> Finding:
    """The article stands in another, or the other in it."""
    shares = f"{neighbour.containment:.0%} of"
    message = (
        f"{shares} this article stands in {_name(neighbour)}, which is longer"
        if neighbour.inside
        else f"{shares} {_name(neighbour)} stands here"
    )
    witness = Witness(neighbour.article_id, Span(0, neighbour.length), neighbour.containment)
    return Finding(code, neighbour.span, message, Safety.DISPLAY, witness=witness)


def _name(neighbour: Neighbour) -> str:
    about = ", ".join(filter(None, (neighbour.site, neighbour.published)))
    return f"{neighbour.article_id} ({about})" if about else neighbour.article_id
