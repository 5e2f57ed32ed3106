"""The HTML page of `--report FILE.html`: what was found in each article, struck out in place, for a person to read.

One file without network: it opens from disk and works without JavaScript, which adds filters, keys and the download of
a person's verdicts as decision lines (see `dedupe.decisions`). Text of articles never becomes markup: all of it goes
through jinja2's autoescape or, as JSON, is escaped for a script element, and the page's own content security policy
allows nothing but its one script and one style sheet, by their hashes. Needs ``pip install "dedupe-news[report]"``.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import weakref
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib.resources import files
from typing import IO

from dedupe._version import __version__
from dedupe.errors import InputError
from dedupe.pipeline import Result
from dedupe.report.cards import OUTCOMES, Card, cards_of, pieces_of
from dedupe.report.plan import names
from dedupe.report.position import clip

FAMILIES = {
    "REP": "repeats",
    "CAP": "captions and credits",
    "LAY": "page furniture",
    "TXT": "damaged text",
    "TPL": "templates of the site",
    "DUP": "the same story elsewhere",
}

_OPEN = 5
"""So many of the first articles with findings are open from the start."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class HtmlReport:
    """A page that receives results one by one; `finish` writes it to the file, in UTF-8.

    The articles wait in a temporary file, so memory holds only counts. InputError when jinja2 is missing.
    """

    def __init__(self, file: IO[bytes], title: str) -> None:
        try:
            from jinja2 import Environment, PackageLoader, StrictUndefined
        except ImportError:
            raise InputError(
                "an HTML report needs jinja2: pip install 'dedupe-news[report]', or name a .jsonl or .diff"
            ) from None
        environment = Environment(
            loader=PackageLoader("dedupe.report", "html"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(families=FAMILIES, outcomes=OUTCOMES)
        environment.filters["seen"] = _seen
        self._file = file
        self._title = title
        self._named = names()
        self._page = environment.get_template("page.html")
        self._article = environment.get_template("article.html")
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the report
        weakref.finalize(self, self._spool.close)
        self._totals: Counter[str] = Counter()
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._taken: Counter[str] = Counter()
        self._warned: list[tuple[int, str]] = []

    def add(self, result: Result, dropped: bool = False) -> None:
        """Write down one article; `dropped` when its record is left out of the cleaned file."""
        article, plan = result.article, result.plan
        cards = cards_of(result, self._named)
        told = [card for card in cards.values() if not card.inside]
        number = self._totals["articles"] + 1
        self._totals += Counter(
            articles=1,
            changed=result.changed,
            dropped=dropped,
            found=bool(cards),
            before=len(article.text),
            after=len(result.text),
        )
        for card in told:
            self._counts[card.code][card.outcome] += 1
        for edit in plan.edits:
            self._taken[plan.decisions[edit.finding].finding.code] += len(edit.before) - len(edit.after)
        heading = clip((article.title or "").strip() or article.id or article.source or f"Article {number}", 200)
        if plan.warning:
            self._warned.append((number, heading))
        section = self._article.render(
            number=number,
            heading=heading,
            article=article,
            language=article.lang if _LANGUAGE.fullmatch(article.lang or "") else None,
            cards=list(cards.values()),
            pieces=pieces_of(result, cards),
            counts=Counter(card.outcome for card in told),
            share=_share(len(article.text), len(result.text)),
            warning=plan.warning,
            dropped=dropped,
            open=bool(cards) and self._totals["found"] <= _OPEN,
            data=_data(result, cards.values()),
        )
        self._spool.write(_bytes(section))

    def finish(self) -> None:
        """Write the page: first what is to say of all articles, then each of them."""
        folder = files("dedupe.report").joinpath("html")
        style, script = (folder.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
        codes = sorted(self._counts.keys() | self._taken.keys())
        self._spool.seek(0)
        page = self._page.generate(
            title=clip(self._title, 200),
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            version=__version__,
            totals=self._totals,
            share=_share(self._totals["before"], self._totals["after"]),
            rules=[(code, self._named.get(code, ""), self._counts[code], self._taken[code]) for code in codes],
            counts=sum(self._counts.values(), Counter()),
            warned=self._warned,
            sections=(line.decode() for line in self._spool),
        )
        for part in page:
            self._file.write(_bytes(part))
        self._spool.close()


def _data(result: Result, cards: Iterable[Card]) -> str:
    """What decision lines say of the findings that can be decided, by card: JSON that a script element may hold."""
    text = result.article.text
    entry = {
        "article": result.article.id,
        "sha256_before": result.plan.sha256_before,
        "findings": {
            card.number: [card.code, *card.finding.span, text[slice(*card.finding.span)]]
            for card in cards
            if card.changes
        },
    }
    written = json.dumps(entry)
    for character in "<>&":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


def _seen(text: str) -> str:
    """The text as it is, but with its characters named where none of them can be seen."""
    hidden = text and not any(c.isspace() or c.isprintable() for c in text)
    return clip(text, len(text)) if hidden else text


def _share(before: int, after: int) -> str:
    return f"{100 * (before - after) / max(1, before):.1f} %"


def _hash(content: str) -> str:
    """What a content security policy calls an inline script or style."""
    return f"sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _bytes(page: str) -> bytes:
    """The page in UTF-8, with names for the characters that HTML cannot hold."""
    page = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", page.replace("\r\n", "\n").replace("\r", "\n"))
    return page.encode("utf-8", "backslashreplace")
