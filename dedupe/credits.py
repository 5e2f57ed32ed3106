"""Photo credits in a text: lines that are one, and credits at the end of a line.

They are found before repeats, because a caption repeats with and without its credit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from dedupe.model import Credit, Document, Safety, Span
from dedupe.normalise import UNSPACED, WORD, Uncased, folded, folded_words, length
from dedupe.traits import finished
from dedupe.wordings import any_of, wordings

_LONGEST = 140
"""A credit is no longer than this many characters, and this many words."""
_MOST_WORDS = 14
_SHORT = 50
"""A credit without an agency's name is no longer than this."""
_PROSE = 6
_OPEN, _CLOSE = "([（【［〔", ")]）】］〕"
_BRACKETED = re.compile(
    rf"[{re.escape(_OPEN)}](?P<inner>[^{re.escape(_OPEN + _CLOSE)}\n]{{2,{_LONGEST}}})"
    rf"[{re.escape(_CLOSE)}](?P<stop>[.。]?)$"
)
_ROW = re.compile(r"[^\W\d_][\w ]{1,25}:\s+[^\W_](?:[^.!?]|\.(?=\d)){2,60}")
_GENERIC = frozenset(("news", "media", "service", "science", "sports", "features", "network", "press", "internet"))
"""Words of agencies' names that stand in any text."""
_BETWEEN_NAMES = re.compile(r"[\s/|,;+&·•–—-]+")
_STORED = re.compile(r"\s+(?:file(?: photo| image)?|archive|pool)$", re.IGNORECASE)
_THE = re.compile(r"^the\s+", re.IGNORECASE)
_PAPER = re.compile(r"(?:The|Le|La|El|Il|O|Der|Die) [^\W\d_]")
_DASHES = " \xa0/|–—-"
_PARTS = re.compile(r"\s*[/|©]\s*|\s+[–—-]\s+|\s+(?:via|for)\s+", re.IGNORECASE)
_VIA = re.compile(r"\svia\s", re.IGNORECASE)
_COMMA = re.compile(r",\s+(?=[^,]+$)")
_CHAIN = re.compile(r"\s*\++\s*|(?<!\b[^\W\d_])(?:\.|;)\s+")
"""What stands between a credit and the next one, for the hair or of the same picture again."""
_ROLE = re.compile(r"[^\W\d_][\w -]{2,25}:\s+")
_IN_BRACKETS = re.compile(r"(?P<who>\S.+?)\s*\((?P<agency>[^()]+)\)")
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[a-z]{2,12}|[\w.]+@[\w.-]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNCASED = re.compile(rf"[{UNSPACED}\u0590-\u0dff\uac00-\ud7af]")
_KANA = re.compile("[\u3041-\u3096]")
_LONGEST_NAME = (8, 20)
"""A name in East Asian letters, and one in Arabic, Hebrew or Indian letters, is no longer than this."""
_SENTENCE = re.compile(r"[!?。！？…:]|[^\W\d_]{4,}\.\s")
_WIRE_LED = re.compile(r"(?:REUTERS|AP\s+Photo|AFP\s+Photo|EPA)\s?/\s?(?=[^\W\d_])")
_COPYRIGHT = re.compile(r"(?:©|\([cC]\))\s*(?:(?:19|20)\d\d\s*)?(?=[^\W\d_])")
_BEHIND = r"(?<=[\s.!?”\"。」』）)])"
_APART = r"(?<=[.!?…”\"»)])\s+(?=\S)|\s[|/–—-]\s+(?=\S)|(?<=[^\W_]{2}[.!?])(?=[^\W\d_])"
_JOINED = re.compile(r"(?<=[^\W\d_A-Z]{2})(?=[A-ZÀ-ÖØ-Þ][a-zß-ÿ]+(?: [a-zß-ÿ]+)?:)")
"""Where a word and the announcement of a credit have run together: "at the quayCredit: Lind"."""
_COMPANY = re.compile(
    r"\((?:[^\W\d_a-z][\w&.’'-]*,? ){1,4}(?:Co|Inc|Corp|Ltd|LLC|GmbH|AG|S\.?A|SpA|S\.p\.A|plc|PLC|AB|NV|SE)\.?\)$"
)
_OWNED_WORDS = 6
_OWNER_VIA = 7
"""A picture's owner has at most so many words where it came by way of an agency ("Arvelle Mill Trust via AP")."""
_LAST_NAMES = 4


@dataclass(frozen=True, slots=True)
class _Wordings:
    """Patterns of the data file. Each credit holds a copyright sign, one of `hints` as a word, or one of `signs`.

    `inside` finds where a credit may begin, `unannounced` the same where nothing announces one: no word of `told`.
    """

    hints: frozenset[str]
    told: frozenset[str]
    signs: tuple[str, ...]
    marker: Uncased
    credit: Uncased
    weak: Uncased
    by: Uncased
    after: Uncased
    given: re.Pattern[str]
    things: re.Pattern[str]
    pictures: Uncased
    sources: Uncased
    news: Uncased
    other: Uncased
    alone: Uncased
    inside: Uncased
    unannounced: Uncased
    small: frozenset[str]
    not_names: frozenset[str]


@lru_cache(maxsize=1)
def _wordings() -> _Wordings:
    data = wordings("photo_credits")
    languages = [table for name, table in data.items() if name != "who"]
    who = data["who"]

    def words(kind: str) -> str:
        return any_of(folded(word) for table in languages for word in table.get(kind, ()))

    def whole(names: list[str]) -> Uncased:
        return Uncased(rf"(?<![^\W_]){any_of(map(folded, names))}(?![^\W_])")

    told = [word for table in languages for kind in ("marker", "credit", "weak", "by") for word in table.get(kind, ())]
    wires = ("reuters", "ap", "afp", "epa", "handout", "(c)")
    needed = _longest_words(told)
    signs = (word for word in told if not WORD.search(word))
    separator = r"\s{0,2}(?:[:：=＝]|/(?=[^/])|\.{3}|…)\s*"
    credit = rf"[©▲△▼/\s]{{0,3}}{words('credit')}{separator}"
    marker = rf"[©▲△▼/\s]{{0,3}}{words('marker')}{separator}"
    weak = rf"{words('weak')}{separator}"
    by = rf"{words('by')}\s+"
    return _Wordings(
        needed | _longest_words((*who["pictures"], *who["news"], *who["alone"], *wires)),
        needed,
        (*signs, *(word for table in languages for word in table.get("after", ()))),
        Uncased(marker),
        Uncased(credit),
        Uncased(weak),
        Uncased(by),
        Uncased(rf"\S.{{0,20}}?\s*(?<![拍])(?:{words('after')})"),
        re.compile(rf"\S.{{0,14}}\s?{words('given')}"),
        re.compile(words("things")),
        whole(who["pictures"]),
        whole(who["sources"]),
        whole(who["news"]),
        whole(who["other"]),
        whole(who["alone"]),
        Uncased(f"{_BEHIND}(?:{marker}|{credit}|{weak}|{by}|reuters/|©)|{_APART}"),
        Uncased(f"{_BEHIND}(?:reuters/|©)|{_APART}"),
        frozenset(who["small"]),
        frozenset(who["not_names"]),
    )


def _longest_words(wordings: Iterable[str]) -> frozenset[str]:
    told = (folded_words(wording) for wording in wordings)
    return frozenset(max(words, key=lambda word: (word not in _GENERIC, len(word))) for words in told if words)


def credits(document: Document) -> Iterator[Credit]:
    """The photo credits of a document, in the order of the text, at most one a block."""
    text = document.article.text
    known, plain = _wordings(), folded(text)
    signed = any(sign in text for sign in known.signs)
    for number, block in enumerate(document.blocks):
        start, end = block.body
        if start == end or block.kind in ("code", "table", "heading"):
            continue
        if not (signed or _may_hold(text, plain, max(start, end - _LONGEST), end)):
            continue
        if end - start <= _LONGEST:
            line = text[start:end]
            bracketed = line[0] in _OPEN and line[-1] in _CLOSE
            words = line[1:-1].strip() if bracketed else line
            safety = None if _credit(words, True) is None else _credit(words, _between_prose(document, number))
            if safety is not None:
                unsure = (bracketed and not (known.by.match(words) or names_agency(line))) or (
                    _ROW.fullmatch(line) is not None and _in_rows(document, number)
                )
                yield Credit(block.body, number, Safety.DOUBTFUL if unsure else safety, whole_line=True)
                continue
        last = number == len(document.blocks) - 1
        found = credit_at_end(text, start, end, last) or _company_at_end(document, number)
        if found:
            yield Credit(found[0], number, found[1], whole_line=found[0] == block.body)


def _company_at_end(document: Document, number: int) -> tuple[Span, Safety] | None:
    """A company in brackets that is a line of its own, or ends one, between two paragraphs that end in none."""
    text, (start, end) = document.article.text, document.blocks[number].body
    found = _COMPANY.search(text, max(start, end - _SHORT), end) if text[end - 1] == ")" else None
    near = (document.blocks[i].body for i in range(max(0, number - 2), number + 3) if i < len(document.blocks))
    if (
        not found
        or not _between_prose(document, number)
        or sum(_COMPANY.search(text, *b) is not None for b in near) > 1
    ):
        return None
    at = start + len(text[start : found.start()].rstrip())
    return Span(at if at > start else found.start(), end), Safety.LIKELY


def _may_hold(text: str, plain: str, near: int, end: int) -> bool:
    """May a credit that begins at `near` or later stand at `end`? Cheaper than the search for it."""
    if text[end - 1] in _CLOSE or text.find("©", near, end) >= 0 or text.find("/", max(near, end - _SHORT), end) >= 0:
        return True
    if text.find(":", near, end) >= 0 and _JOINED.search(text, near, end):
        return True
    return not _wordings().hints.isdisjoint(WORD.findall(plain, near, end))


def ends_in_credit(text: str, plain: str, start: int, end: int) -> bool:
    """Is text[start:end] a photo credit, or does it end in one? `plain` is the folded text."""
    near = max(start, end - _LONGEST)
    if not _may_hold(text, plain, near, end):
        return False
    return is_credit(text[near:end].strip("()[] ")) or credit_at_end(text, start, end) is not None


def is_credit(words: str) -> bool:
    """Are the words nothing but a photo credit, of an agency or of anybody?

    >>> is_credit("Picture: A. Lind"), is_credit("Captain Trenk said:")
    (True, False)
    """
    line = words.strip()
    weak = _wordings().weak.match(line)
    return _credit(line, True) is not None or (weak is not None and _names(line[weak.end() :]))


def _in_rows(document: Document, number: int) -> bool:
    """Does a line beside it name another thing and its people ("Music: Edda Marsh")? Then it is one of a list."""
    text = document.article.text
    beside = [text[slice(*document.blocks[i].body)] for i in (number - 1, number + 1) if 0 <= i < len(document.blocks)]
    return any(_ROW.fullmatch(line) and not is_credit(line) for line in beside)


def credit_at_end(text: str, start: int, end: int, last: bool = False) -> tuple[Span, Safety] | None:
    """The credit at the end of text[start:end], in brackets or behind a sentence, and how sure it is one.

    `last`: it is the last line of a text, where authors sign.
    """
    near = max(start, end - 2 * _LONGEST)
    window = text[near:end]
    if window.isalnum():
        return None
    for place in _places(window):
        words = window[place:].strip(" /|")
        in_brackets = words[:1] in tuple(_OPEN) or (words[-1:] in tuple(_CLOSE) and not set(words) & set(_OPEN))
        safety = None if in_brackets else _behind(words, not last)
        at = near + len(window[:place].rstrip(_DASHES))
        if safety is not None and at > start:
            glued = window[place] == "©" and not window[place - 1].isspace() and not names_agency(window[place:])
            return Span(at, end), min(safety, Safety.DOUBTFUL if glued or _one_word(words) else Safety.LIKELY)
    bracketed = _BRACKETED.search(window) if window.rstrip(".。")[-1:] in tuple(_CLOSE) else None
    if bracketed:
        at = near + len(window[: bracketed.start()].rstrip())
        stopped = finished(text[start:at])
        safety = _behind(bracketed["inner"].strip(), not last, in_brackets=stopped)
        if safety is None and not bracketed["stop"] and _gives(bracketed["inner"].strip()):
            safety = Safety.LIKELY
        if safety is not None and at > start:
            return Span(at, end - (bool(bracketed["stop"]) and not stopped)), min(safety, Safety.LIKELY)
    caption, _, who = window.rpartition(" / ")
    if (
        caption.count(" ") >= _LAST_NAMES
        and " " in who
        and who[-1].isalpha()
        and _plain_names(who)
        and not finished(caption)
    ):
        return Span(near + len(caption), end), Safety.DOUBTFUL
    return None


def _places(window: str) -> Iterator[int]:
    """Where a credit may begin: behind a finished sentence or a dash, or with an agency's name behind a colon."""
    known = _wordings()
    told = any(sign in window for sign in known.signs) or not known.told.isdisjoint(folded_words(window))
    for match in (known.inside if told else known.unannounced).finditer(window, max(0, len(window) - _LONGEST)):
        sign = window[slice(*match.span())]
        place = match.end() if sign.isspace() or not sign.strip(_DASHES) else match.start()
        before = window[:place].rstrip(" \xa0")
        bare = before.rstrip(_DASHES)
        if not bare or window[place : place + 1].islower():
            continue
        announced = sign.rstrip().endswith((":", "：", "=", "＝", "REUTERS/", "©"))
        open_caption = bare.count(" ") >= _LAST_NAMES and not finished(window)
        sure = announced and (sign.endswith("©") or open_caption or names_agency(window[place:]))
        if finished(bare) or before != bare or sure:
            yield place
    for joint in _JOINED.finditer(window) if ":" in window else ():
        words = window[joint.start() :]
        product = any(map(str.isupper, re.split(r"[\W_]", window[: joint.start()])[-1]))  # "SnapFoto: Gut"
        sure = not product or names_agency(words) or words.startswith(("Credit", "Crédit"))
        if any(pattern.match(words) for pattern in (known.credit, *((known.marker, known.weak) if sure else ()))):
            yield joint.start()


def _behind(words: str, between: bool, in_brackets: bool = False) -> Safety | None:
    """How surely the words at the end of a line are a credit; None: they are none.

    There more is one than alone on a line: the picture's owner, "Supplied", a name with its agency in brackets, several
    credits in a row. `in_brackets`: the words stand in brackets behind a finished sentence.
    """
    known = _wordings()
    safety = _credit(words, between)
    if safety is Safety.DOUBTFUL and between and len(words.split()) <= _LAST_NAMES:
        announced = known.marker.match(words)
        sure = announced and _plain_names(words[announced.end() :].strip(" ."))
        return Safety.LIKELY if sure else Safety.DOUBTFUL
    if safety is not None:
        return safety
    first, *more = _CHAIN.split(words.strip(" ."))
    if more and all(_ROLE.match(name) or _named(name) for name in more):
        announced = known.marker.match(first) or known.credit.match(first) or known.weak.match(first)
        return Safety.LIKELY if announced and _named(first[announced.end() :]) else None
    announced = known.weak.match(words)
    if announced:
        safety = Safety.DOUBTFUL if "/" in announced.group() else Safety.LIKELY
        return safety if _named(words[announced.end() :]) else None
    owned = _COPYRIGHT.match(words)
    if owned:
        short = len(words[owned.end() :].split()) <= _OWNED_WORDS and not (finished(words) or _YEAR.search(words))
        return Safety.LIKELY if short and between and _names(words[owned.end() :]) else None
    if known.alone.fullmatch(words.rstrip(".")):
        stopped = words[-1] == "." and words.rstrip(".").isalpha()  # an answer: "Who pays? Privat."
        return Safety.LIKELY if between and not stopped else Safety.DOUBTFUL
    signed = _IN_BRACKETS.fullmatch(words)
    if signed and _names(signed["who"]):
        agency = signed["agency"]
        return Safety.LIKELY if names_agency(agency) and _names(agency) and " " in signed["who"] else None
    if in_brackets and words.count(" ") >= _LAST_NAMES and _names(words) and not any(map(str.isdigit, words)):
        safety = Safety.DOUBTFUL
    names = [_THE.sub("", name.strip()) for name in words.split("/")]
    several = len(names) > 1 or " " in words
    if in_brackets and len(names) <= _LAST_NAMES and any(map(known.sources.fullmatch, names)) and _plain_names(words):
        return Safety.LIKELY if several else Safety.DOUBTFUL
    if len(names) == 2 and " " in names[0] and names[1] and _plain_names("/".join(names)):
        told = names_agency(names[1]) or _PAPER.match(words.rpartition("/")[2].strip()) is not None
        return Safety.LIKELY if in_brackets and between and told else Safety.DOUBTFUL
    return safety


def _one_word(words: str) -> bool:
    """Does a word that says more than this announce a single one, no agency's: "They stayed. Video: Proof"?"""
    announced = _wordings().weak.match(words)
    who = words[announced.end() :].strip(" .") if announced else " "
    told = announced is not None and folded(words).startswith(("credit", "crédit", "crèdit"))
    return not (" " in who or told or names_agency(who) or _DOMAIN.fullmatch(who))


def _gives(words: str) -> bool:
    """Is it who gave a picture ("町役場提供"), and not what visitors are given ("飲み物は無料で提供", "점심 제공")?"""
    known = _wordings()
    return known.given.fullmatch(words) is not None and not known.things.search(words)


def _named(who: str) -> bool:
    """Is it a name, perhaps behind another announcement: "Screenshot: example.org"?"""
    announced = re.match(r"\w+:\s+", who)
    return _names(who[announced.end() :] if announced and _wordings().other.match(who) else who)


def _plain_names(words: str) -> bool:
    """Is each word of a few a capitalised one, and none of them small?"""
    names = _BETWEEN_NAMES.split(words.strip())
    return len(names) <= _LAST_NAMES + 1 and all(
        name[0].isupper() and not name[-1].isdigit() and name.casefold() not in _wordings().not_names
        for name in names
        if name
    )


@lru_cache(maxsize=1_024)
def _credit(line: str, between: bool) -> Safety | None:
    """How surely a line is nothing but a photo credit; None: it is none.

    `between`: it stands where no author signs, between two paragraphs.
    """
    known = _wordings()
    if len(line.split()) > _MOST_WORDS:
        return None
    credit = known.credit.match(line)
    if credit:
        safety = _announced(line[credit.end() :])
        return Safety.LIKELY if safety is Safety.DOUBTFUL else safety
    for pattern in (known.marker, known.by):
        announced = pattern.match(line)
        if announced:
            return _announced(line[announced.end() :])
    weak = known.weak.match(line)
    if weak:
        who = line[weak.end() :]
        owned = _COPYRIGHT.match(who)
        told = owned or "/" in who or names_agency(who)
        return Safety.LIKELY if told and _names(who[owned.end() :] if owned else who) else None
    if known.after.fullmatch(line) and _UNCASED.search(line) and not known.things.search(line):
        return Safety.LIKELY
    led = _WIRE_LED.match(line)
    if led:
        return Safety.LIKELY if _names(line[led.end() :]) else None
    if between and " " in line and known.alone.fullmatch(line):
        return Safety.LIKELY
    owned = _COPYRIGHT.match(line)
    rest = line[owned.end() :] if owned else line
    if owned and "/" in rest and (between or _names(rest)) and len(rest.split()) <= _OWNED_WORDS + 2:
        return None if finished(rest) else Safety.LIKELY
    if finished(rest) or not _names(rest):
        return None
    if rest.split()[0].casefold() in known.not_names:
        return None
    names = [name for name in _PARTS.split(rest) if name]
    if any(known.pictures.fullmatch(name) for name in names) and all(len(name.split()) <= 4 for name in names):
        return Safety.LIKELY
    if owned and between and (known.news.fullmatch(rest) or 1 < len(rest.split()) <= _OWNED_WORDS):
        return Safety.LIKELY
    if re.match(r"handout\b", rest, re.IGNORECASE) and len(rest.split()) <= _LAST_NAMES:
        return Safety.LIKELY if between else Safety.DOUBTFUL
    if len(names) == 1:
        names = [name for name in _COMMA.split(rest) if name and name != "PA"]  # "New Hope, PA" is a town
    elif "/" not in rest and not _VIA.search(rest):
        return None
    longest = _OWNER_VIA if _VIA.search(rest) and _is_agency(names[-1]) else _LAST_NAMES
    if len(names) < 2 or any(len(name.split()) > longest for name in names):
        return None
    agency_first = len(names) == 2 and _is_agency(names[0]) and " " in names[1]
    signed = not known.news.fullmatch(names[0]) and " " in names[0]
    if (agency_first and not names_agency(names[1])) or (signed and any(map(_is_agency, names[1:]))):
        return Safety.LIKELY if between else Safety.DOUBTFUL
    return None


def _announced(who: str) -> Safety | None:
    """How surely the words behind an announcement are the name that it announces."""
    if not _names(who):
        return None
    if names_agency(who):
        return Safety.SAFE
    bare = who.strip(" .")
    first = bare.split()[0].casefold() if bare.split() else ""
    if first in _wordings().not_names:
        return Safety.DOUBTFUL
    if _UNCASED.search(bare):
        longest = _LONGEST_NAME[re.match(r"[\u0590-\u0dff]", bare) is not None]
        return Safety.LIKELY if len(bare) <= longest and not _KANA.search(bare) else Safety.DOUBTFUL
    if _wordings().other.fullmatch(bare) or _BETWEEN_NAMES.search(bare):
        return Safety.LIKELY
    return Safety.DOUBTFUL


def names_agency(who: str) -> bool:
    """Do the words name an agency or another source of pictures?"""
    return any(pattern.search(who) for pattern in (_wordings().pictures, _wordings().sources, _wordings().news))


def _is_agency(who: str) -> bool:
    who = _STORED.sub("", who[match.end() :] if (match := _THE.match(who)) else who)
    return any(pattern.fullmatch(who) for pattern in (_wordings().sources, _wordings().news))


def _names(who: str) -> bool:
    """Is it made of names: agencies, capitals, initials, small words between them, years?"""
    known = _wordings()
    if _SENTENCE.search(who.strip().rstrip(".。")) or not any(map(str.isalpha, who)):
        return False
    if not _UNCASED.search(who):
        odd = sum(not _capital(word) for word in who.split())
        if not odd or odd > _LAST_NAMES:
            return not odd
    rest = who
    for pattern in (known.pictures, known.sources, known.news, known.other):
        for name in reversed([*pattern.finditer(rest)]):
            rest = f"{rest[: name.start()]} {rest[name.end() :]}"
    if _UNCASED.search(rest):
        return len(rest.strip()) <= 20 and len(rest.split()) <= 4
    words = [word.strip("()[]©.'’\"“”:") for word in _BETWEEN_NAMES.split(rest)]
    words = [word for word in words if word]
    small = [word for word in words if word in known.small]
    return len(small) * 2 <= len(words) + 1 and all(map(_capital, words))


def _capital(word: str) -> bool:
    """May the word be a part of a name?"""
    first = word[0]
    return (
        first.isupper()
        or first in "@("
        or word in _wordings().small
        or _YEAR.fullmatch(word) is not None
        or _DOMAIN.fullmatch(word) is not None
    )


def _between_prose(document: Document, number: int) -> bool:
    """Does a finished paragraph stand before the block and behind it, next to it or one block further?"""
    text = document.article.text

    def prose(numbers: range) -> bool:
        near = [document.blocks[i] for i in numbers if 0 <= i < len(document.blocks)]
        return any(length(b.key) >= _PROSE and finished(text[b.body.start : b.body.end]) for b in near)

    return prose(range(number - 2, number)) and prose(range(number + 1, number + 3))
