"""What an input consists of: records that hold an article and can be written back with another text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from dedupe.model import Article

TEXT_FIELDS = (
    "text",
    "textContent",
    "cleaned_text",
    "content",
    "body",
    "articleBody",
    "maintext",
    "plaintext",
    "article_text",
    "full_text",
)
USUAL: Mapping[str, Sequence[str]] = {
    "text": TEXT_FIELDS,
    "id": ("id",),
    "title": ("title", "headline"),
    "url": ("url",),
    "site": ("site", "hostname", "source_domain", "domain"),
    "published": (
        "published",
        "datePublished",
        "date_publish",
        "publish_date",
        "published_at",
        "pubDate",
        "date",
        "date_published",
        "publishing_date",
    ),
    "lang": ("lang", "inLanguage", "language"),
}
"""Where each part of an article is looked for, in this order, unless its field is named: the names of the scrapers.

schema.org has articleBody, headline, datePublished, inLanguage; news-please maintext, date_publish, source_domain;
newspaper4k publish_date; goose3 cleaned_text; Fundus plaintext, publishing_date; readability.js textContent (beside
its HTML in content); trafilatura hostname; postlight date_published, domain.
"""
MARK_FIELD = "dedupe"
"""The field that marked output adds to a record."""


class Fields(NamedTuple):
    """The field that holds each part of an article; a part that is None is looked for in the usual fields.

    >>> Fields(title="overskrift").of("title"), Fields().of("title")
    (('overskrift',), ('title', 'headline'))
    """

    text: str | None = None
    id: str | None = None
    title: str | None = None
    url: str | None = None
    site: str | None = None
    published: str | None = None
    lang: str | None = None

    def of(self, part: str) -> Sequence[str]:
        """The fields where a part is looked for."""
        name = getattr(self, part)
        return USUAL[part] if name is None else (name,)


USUAL_FIELDS = Fields()


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be read. `line` counts from 1; `raw` holds its bytes with the line break.

    A whole input that holds no article, such as a page, has the line 0.
    """

    source: str
    line: int
    reason: str
    raw: bytes

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{self.source}, line {self.line}" if self.line else self.source


class Record(Protocol):
    """One record of an input: an article, or one that has no text (`article` is None)."""

    @property
    def raw(self) -> bytes:
        """The bytes that are written while the text stays: those that were read, with their line break."""

    @property
    def article(self) -> Article | None:
        """The article, or None when the record has no text."""

    @property
    def text(self) -> str | None:
        """The text, blank or not; None where the record has none."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """The record's fields; empty for a text file."""

    def with_text(self, text: str) -> bytes:
        """The record's bytes with another text; InputError when it cannot be written so that it reads back."""

    def marked(self, text: str, marks: list[dict[str, Any]]) -> bytes:
        """The record's bytes with marks: in a text file the text with marks in it, elsewhere a field of its own.

        Without marks these are the record's bytes, or those with an empty field where each record needs one.
        """

    def restorable(self, changed: bool) -> dict[str, str]:
        """What a plan line must hold, besides the text, to bring back the exact bytes."""

    def restored(self, text: str, entry: Mapping[str, Any]) -> bytes:
        """The record's bytes with the text that it had, which the plan line `entry` says how to write.

        KeyError, TypeError or ValueError when it does not.
        """


def article_from(
    text: str, value: Callable[[Sequence[str]], str | None], fields: Fields, source: str = "", ordinal: int = 0
) -> Article:
    """The article of a text, of whose record `value` gives what the first of some fields says that says anything.

    Without a site it is the URL's host.
    """
    parts: dict[str, Any] = {part: value(fields.of(part)) for part in USUAL if part != "text"}
    site = parts.pop("site") or host_of(parts["url"])
    return Article(text, site=site, source=source, ordinal=ordinal, **parts)


def host_of(url: str | None) -> str | None:
    """The URL's host without "www.", which stands for its registered domain."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
