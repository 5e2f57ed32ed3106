"""Text -> where its sentences end: sentencex behind our own interface, with a second look at what it misses.

Quotation marks and brackets are blanked first, so that the sentences inside a quotation come apart; closing marks are
then given back to the left, opening ones to the right. Every place where a sentence might end is looked at once more:
"Friday.Police" holds an end, "Maj. Gen. Roe" does not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import Any

from dedupe.language import FUNCTION_WORDS
from dedupe.traits import MONTH
from dedupe.wordings import wordings


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS = re.compile(r"[^\W\d_]+")

_PIECE = 2_000  # sentencex is quadratic in some texts, so that long lines are cut at safe places
_SAFE_CUT = re.compile(r"[.!?。！？](?:(?<=[^\W\d_]{5}.)[\"'”’»)\]]?\s+(?=[^\W\d_])|(?<=[。！？])(?=[^\W_]))")
_SURROGATES = re.compile("[\ud800-\udfff]")

_MARKS = '"“”„‟«»‹›「」『』《》〈〉()[]{}（）【】*'
_EDGE_QUOTES = "'’‘‚`_"
_NO_LETTER_SIDE = r"(?![^\W_])|(?<![^\W_].)"
_BLANKED = re.compile(f"[{re.escape(_MARKS)}{_EDGE_QUOTES}](?:(?<=[{re.escape(_MARKS)}])|{_NO_LETTER_SIDE})", re.DOTALL)
_NO_MARKS = " \t\u00a0\u202f"
_FOOTNOTES = re.compile(r"(?<=[.!?…])(?:\[\d{1,3}\])+")
_STOP_BEHIND_MARK = re.compile(r"([\"“”’»›)\]}][\"“”’»›)\]}]{0,3})([.!?…]{1,4})")
_OPEN, _CLOSE = "„‚「『《〈([{（【", "」』》〉)]}）】"
_PAIRS = dict(zip("([{（【「『", ")]}）】」』", strict=True))
_BRACKETS = re.compile(f"[{re.escape(''.join(_PAIRS) + ''.join(_PAIRS.values()))}]")
_LONGEST_BRACKET = 1_000

_QUIET = r"\w\s,'’‘\"“”„«»()\[\]|/&*#@+=%$€£¥°©®™·<>_~–—-"
_BEHIND_STOP = rf"(?![.!?…]*[\s{re.escape(_MARKS)}]*\Z)"
_STOP_INSIDE = re.compile(rf"[^:;{_QUIET}]{_BEHIND_STOP}")
"""What may end a sentence, with more than closing marks behind it; no sentence ends at the characters of `_QUIET`."""
_STOPS_INSIDE = dict.fromkeys(("el", "pnt", "hy", "hyw"), re.compile(rf"[^{_QUIET}]{_BEHIND_STOP}"))
"""The same in Greek and Armenian, where sentences end at a semicolon or colon too."""
_BREAKS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_BREAK = re.compile(f"[{_BREAKS}]")
_SET_OFF_STOP = re.compile(r"([A-Z])(\s+)(?=\.)")  # sentencex panics where the space is a no-break space
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w.-]{1,100}", re.IGNORECASE)
_GLUE = re.compile(r"[.!?…؟](?=[^\W\d_])")
_GLUED_LEFT = re.compile(r"(?<!\.)(?:(?<![^\W_])[^\W\d_]+|[\d%€$£°])$")
_SUFFIXES = _words(
    "com net org edu gov info biz io ai co uk us eu de fr es it nl pl ru ua ch at be tv fm me app dev js ts py html htm"
    " php asp aspx xml json pdf jpg jpeg png gif svg mp3 mp4 zip exe txt csv doc docx xls xlsx md"
)
_STOP = re.compile(r"[.…]\s+")
_SHORT = re.compile(r"(?<![^\W_.])(?:(?:[^\W\d_]\.\s?)+[^\W\d_]|[^\W\d_]{1,5})\.$")
_BEGINNING = re.compile(r"([^\W\d_]+)(?:['’]|,?\s+)([^\W_])")

_SHORT_FORMS = {language: _words(words) for language, words in wordings("short_forms").items()}
"""Short forms that something always follows, written as they stand within a sentence."""
_BEFORE_NUMBER = _words(
    "no nos nr n núm num nº art arts abs kap bd tel тел ст стор стр с п пп т д кв буд гл рис p pp pg pág pag s vol fig"
    " figs sec sect ch cap rys rozdz poz par ust ok ок approx ca circa c str al apt rm rte hwy"
)
_NOT_SHORT = _words("no mar may May jan art fig miss ill id ID me Me or ad ore")
"""English words that sentencex takes for short forms also where a sentence ends with them."""
_LETTERED = _words(
    "vitamin vitamine vitamina plan part group class grade type hepatitis section block point gruppe teil groupe"
)
_AFTER_HOUR = re.compile(
    r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\b"
    r"|(?:[ECMPBU]S?D?T|GMT|UTC|CES?T|[AEJIN][DEKS]T|Eastern|Pacific|Central|Mountain|Local)\b"
)
_ORDINAL_LEADS = _words(
    "im am vom zum zur beim der die das den dem des ab bis seit ins jeder jede jeden ihr ihre ihren ihrem sein seine"
    " seinen seinem unser unsere unseren dieser diesem diesen"
)
_IN_MONTH = re.compile(MONTH)
_ORDINAL = re.compile(r"([^\W\d_]+)\s+(?:\d{1,3}|[IVX]+)\.$")
_LAST_TOKEN = re.compile(r"\.((?:[^\W_]|[\u0900-\u0dff])+(?:\s?\.(?:[^\W_]|[\u0900-\u0dff])+)*)")
"""The last word before a stop, with the dots inside it, read backwards: forwards each word would be tried in vain."""
_MARKER_ALONE = re.compile(r"\W*(?:\d{1,3}|[^\W\d_]|[ivxIVX]{1,5})?[.)]\W*")
_SAID = re.compile(r"[^\W_]")
_CAMEL = re.compile(r"[a-z]{1,4}[A-Z]")
_DASHES = re.compile(r"[-–—―•\s]*")
_KANA = re.compile("[\u3041-\u3096]")
_REPORTING = re.compile(
    r"(?:[^\W\d_][\w.'’-]*\s+){1,3}(?:said|says|asked|asks|replied|shouted|cried|told|added|wrote|yelled|screamed|answered)\b"
    r"|[^\W\d_]{1,8}(?:说|說|表示|问道|問道|称|稱|喊道|回答)(?=[。，,：:道了])"
)


def undivided(text: str, start: int, end: int, lang: str = "en") -> bool:
    """Is there nothing in text[start:end] that may end a sentence, neither a stop nor a line break?"""
    return not (_STOPS_INSIDE.get(lang, _STOP_INSIDE).search(text, start, end) or _BREAK.search(text, start, end))


def split(text: str, lang: str = "en") -> list[int]:
    """Where each sentence ends, in code points; the last is ``len(text)``, and an empty text has none.

    A line break ends a sentence. White space between two sentences belongs to the first.

    >>> split("He left.”Nobody saw it. “Why? When?” she asked.", "en")
    [9, 24, 30, 47]
    """
    if len(text) <= 2 * _PIECE and len(text.splitlines()) == 1:
        return [*_inner_ends(text, lang), len(text)]
    ends: list[int] = []
    at = 0
    for line in text.splitlines(keepends=True):
        for start, end, ended in _pieces(line):
            ends += [at + start + place for place in _inner_ends(line[start:end], lang)]
            if ended:
                ends.append(at + end)
        at += len(line)
    return ends


def _pieces(line: str) -> Iterator[tuple[int, int, bool]]:
    """The line in pieces of bounded length, each with whether a sentence ends with it."""
    start = 0
    while len(line) - start > 2 * _PIECE:
        cut = _SAFE_CUT.search(line, start + _PIECE, start + 4 * _PIECE)
        end = cut.end() if cut else line.rfind(" ", start + _PIECE, start + 2 * _PIECE) + 1 or start + 2 * _PIECE
        yield start, end, cut is not None
        start = end
    if start < len(line):
        yield start, len(line), True


def _inner_ends(text: str, lang: str) -> list[int]:
    """Where sentences end within a piece of a line, its own end left out."""
    if not _STOPS_INSIDE.get(lang, _STOP_INSIDE).search(text):
        return []
    bare = _bare(text)
    places = [place for place in _candidates(bare, lang) if 0 < place < len(text)]
    if not places:
        return []
    piece = _Piece(text, bare, lang)
    ends: list[int] = []
    start = done = 0
    for place in places:
        if place < done:
            continue
        left = done = place
        while left > start and bare[left - 1].isspace():
            left -= 1
        while done < len(text) and bare[done].isspace():
            done += 1
        if done == len(text):
            break
        if left > start and (cut := piece.cut(start, left, done)):
            ends.append(cut)
            start = cut
    return ends


def _bare(text: str) -> str:
    """The text, place for place, without what hides the ends of sentences: quotes, brackets, dots in addresses."""
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    if "@" in text or "www." in text or "://" in text:
        text = _ADDRESS.sub(_without_dots, text)
    if "[" in text:
        text = _FOOTNOTES.sub(lambda m: " " * len(m[0]), text)
    text = _STOP_BEHIND_MARK.sub(lambda m: m[2] + " " * len(m[1]), text)
    return _BLANKED.sub(" ", text)


def _without_dots(address: re.Match[str]) -> str:
    inner = address[0].rstrip(".,;:!?…\"'”’»)]}*_")
    return re.sub(r"[.!?…]", "x", inner) + address[0][len(inner) :]


@cache
def _sentencex() -> Callable[[str, str], list[dict[str, Any]]]:
    """Its one function; importing it takes time, so that it waits for the first text."""
    from sentencex import get_sentence_boundaries  # type: ignore[import-untyped]

    return get_sentence_boundaries  # type: ignore[no-any-return]


def _candidates(bare: str, lang: str) -> list[int]:
    """Places where a sentence may begin: what sentencex says, and what it is known to miss."""
    glued = [m.end() for m in _GLUE.finditer(bare) if _is_glued(bare, m.end())]
    spaced = " ".join(bare[a:b] for a, b in zip([0, *glued], [*glued, len(bare)], strict=True)) if glued else bare
    openings = [cut + number + 1 for number, cut in enumerate(glued)]
    spaced = _SET_OFF_STOP.sub(lambda m: m[1] + " " * len(m[2]), spaced)
    starts = [boundary["start_index"] for boundary in _sentencex()(lang, spaced)]
    places = {start - bisect_left(openings, start + 1) for start in starts}
    for stop in _STOP.finditer(bare):
        if stop.end() not in places and bare[stop.end() : stop.end() + 1].isupper() and _is_end(bare, stop, lang):
            places.add(stop.end())
    return sorted(places)


def _is_glued(bare: str, end: int) -> bool:
    """Does a sentence end with the stop before this place although no space follows, as in "Friday.Police"?"""
    found = _WORDS.match(bare, end, end + 40)
    left = _GLUED_LEFT.search(bare[max(0, end - 40) : end].rstrip(".!?…؟"))
    if not (found and left) or bare[found.end() : found.end() + 1] == "(" or found[0].casefold() in _SUFFIXES:
        return False
    right, word = found[0], left[0]
    if right[0].islower():
        return False
    if not right[0].isupper():  # a script without capitals, written with spaces
        return (
            len(word) > 2
            and len(right) > 1
            and not word[-1].islower()
            and not word[-1].isdigit()
            and right[0] < "\u2e80"
        )
    if word[-1].isalpha() and not (len(word) > 2 or (word.islower() and len(word) == 2)):
        return False
    return (
        right[1:].islower()
        or (len(right) == 1 and right in "AIEOYÀÉÈÓВУИАОСКЯІЄЙЗ")
        or (len(right) > 2 and right.isupper() and word[-1].islower())
    )


def _is_end(bare: str, stop: re.Match[str], lang: str) -> bool:
    """Does a sentence end with these dots, or this short form, where sentencex sees no end?"""
    if stop[0][0] == "…":
        return True
    short = _SHORT.search(bare, max(0, stop.start() - 20), stop.start() + 1)
    if not short:
        return False
    return (lang == "en" and short[0][:-1] in _NOT_SHORT) or _begins_sentence(bare, stop.end(), lang)


def _begins_sentence(text: str, at: int, lang: str) -> bool:
    """Does a small word with a capital stand here, and no name behind it?"""
    found = _BEGINNING.match(text, at, at + 60)
    if not found or len(found[1]) == 1 or not found[1][0].isupper() or found[2].isupper():
        return False
    return found[1].casefold() in FUNCTION_WORDS.get(lang, ())


class _Piece:
    """A piece of a line with what must be known to say whether a sentence ends at a stop."""

    def __init__(self, text: str, bare: str, lang: str) -> None:
        self.text = text
        self.bare = bare
        self.lang = lang

    @cached_property
    def cased(self) -> bool:
        """Does it hold a capital?"""
        return any(map(str.isupper, self.text))

    @cached_property
    def brackets(self) -> dict[int, tuple[int, int]]:
        """For each place within brackets the pair that it stands in."""
        return _brackets(self.text)

    def cut(self, start: int, left: int, right: int) -> int:
        """Where the sentence from `start` ends, when a stop stands before `left` and a word at `right`; 0: it goes on.

        Closing marks belong to the sentence, opening marks to the next.
        """
        end = left
        while end < right and not self.opens(end):
            footnote = _FOOTNOTES.match(self.text, end)
            end = footnote.end() if footnote else end + 1
        closed = bool(self.text[left:end].strip(_NO_MARKS)) or self.text[left - 1] in _MARKS
        return 0 if self.goes_on(start, left, right, closed) else end

    def goes_on(self, start: int, left: int, right: int, closed: bool) -> bool:
        """Does the sentence go on behind the stop? `closed`: a quotation or bracket ends with the stop."""
        text, stop = self.text, self.bare[left - 1]
        dashes = _DASHES.match(text, right)
        begin = dashes.end() if dashes and dashes.end() < len(text) else right
        if text[begin] in ",;:،؛；，：、":
            return True
        if left == right and stop in ".!?" and text[begin] < "\u2e80" and not _is_glued(self.bare, left):
            return True
        if text[begin].islower() and not _CAMEL.match(text, begin) and (self.cased or closed or begin > right):
            return True
        if _MARKER_ALONE.fullmatch(text, start, left) or not _SAID.search(text, start, left):
            return True
        if closed and (_KANA.match(text, begin) or (stop in "!?。！？" and _REPORTING.match(text, begin, begin + 60))):
            return True
        return self.in_bracket(start, left, right) or (stop in ".…" and self.is_short_form(left, begin))

    def is_short_form(self, left: int, begin: int) -> bool:
        """Is the stop that of a short form, an initial or an ordinal which belongs to the word at `begin`?"""
        text, lang = self.text, self.lang
        before = self.bare[max(0, left - 60) : left]
        following = _WORDS.match(text, begin, begin + 40)
        if before.endswith(("...", "…")):
            return following is not None and following[0] == "I" and lang == "en"
        token = _LAST_TOKEN.match(before[::-1])
        if not token:
            return False
        short = token[1][::-1].replace(" ", "")
        word = short.casefold()
        if text[begin].isdigit():
            return word in _BEFORE_NUMBER
        if word in ("p.m", "a.m", "pm", "am") and lang == "en":
            return _AFTER_HOUR.match(text, begin) is not None
        if lang != "en" and len(short) <= 2 and short.isdigit() and _IN_MONTH.match(text, begin):
            return True
        if not following or _begins_sentence(text, begin, lang):
            return False
        if lang == "de" and (lead := _ORDINAL.search(before)):
            return lead[1].casefold() in _ORDINAL_LEADS and following[0].casefold() not in FUNCTION_WORDS["de"]
        if len(short) == 1 and short.isalpha():
            leads = _WORDS.findall(before[: -token.end()])
            return not (leads and leads[-1].casefold() in _LETTERED)
        return short in _SHORT_FORMS.get(lang, ())

    def in_bracket(self, start: int, left: int, right: int) -> bool:
        """Would an end here tear a bracket, or cut behind "(D-Calif.)"? One that begins a sentence may hold several."""
        text = self.text
        pair = self.brackets.get(left - 1)
        if pair is None:
            return False
        opening, closing = pair
        own = not text[start:opening].strip(_NO_MARKS)
        if right <= closing:
            return not own or _KANA.match(text, closing + 1) is not None
        return not own and text[closing - 1] in ".!?" and len(text[opening:closing].split()) < 4

    def opens(self, at: int) -> bool:
        """Does a mark here open a quotation or bracket? Its neighbours tell, then its kind, then what came before."""
        text, mark = self.text, self.text[at]
        if mark in _OPEN or mark in _CLOSE:
            return mark in _OPEN and not _FOOTNOTES.match(text, at)
        if mark not in _MARKS and mark not in _EDGE_QUOTES:
            return False
        first, last = at, at + 1
        while first > 0 and text[first - 1] == mark:
            first -= 1
        while last < len(text) and text[last] == mark:
            last += 1
        before = first == 0 or text[first - 1].isspace() or text[first - 1] in _OPEN
        after = last == len(text) or text[last].isspace() or text[last] in _CLOSE
        if before != after:
            return before
        if mark in "\"'`*_":
            return text.count(mark, 0, first) // (last - first) % 2 == 0
        return mark in ("»›" if self.lang in ("de", "da") else "“‘«‹")


def _brackets(text: str) -> dict[int, tuple[int, int]]:
    """For each place within brackets the outermost pair, of bounded length, that it stands in: (opening, closing)."""
    inside: dict[int, tuple[int, int]] = {}
    open_at: list[tuple[int, str]] = []
    for mark in _BRACKETS.finditer(text):
        if mark[0] in _PAIRS:
            open_at.append((mark.start(), _PAIRS[mark[0]]))
        elif open_at and open_at[-1][1] == mark[0]:
            start, _ = open_at.pop()
            if not open_at and mark.start() - start <= _LONGEST_BRACKET:
                inside.update(dict.fromkeys(range(start, mark.end()), (start, mark.start())))
    return inside
