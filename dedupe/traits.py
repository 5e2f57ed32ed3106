"""What a piece of text looks like: finished, shouted, quoted. Small questions that segments and rules ask alike."""

from __future__ import annotations

import re

from dedupe.normalise import EDGE, visible

SHORT_LINE = 60
"""Lines of verse, headings and entries of lists are at most this wide."""
SUBHEADING_WIDTH = 75
"""Sub-headings are narrower than this."""
CLOSERS = "\"'”’»›“‘)]}」』】》〉*_"
FULL_STOPS = (".", "。", "｡", "۔", "।", "॥", "։", "።")
ASKS = ("?", "？", "؟")
"""How a question ends."""
LEADS_UP = (":", "：")
"""How a line ends that leads up to what stands below it."""
MONTH = r"(?i:jan|f[eé][bv]|m[aä]r|apr|a[vb]r|ma[iyj]\b|ju[nli]|au[gs]|aoû|ago|sep|set|o[kc]t|out|nov|d[eé][cz]|dic)"
"""How the name of a month begins: behind a number and a dot it makes a date."""
_STOPS = (*FULL_STOPS, *ASKS, "!", "！", "…")
_BEHIND = CLOSERS + EDGE
_WIDE = re.compile("[\u1100-\U0010ffff]")
_TRUNCATED = re.compile(rf"(?:…|\.{{3,}}|\.\s\.\s\.)[{re.escape(CLOSERS)}\s]*$")
_QUOTED = re.compile(r"""^[\s*_>]*([“”„‟«»‹›「『《"'])(.*)([“”„‟«»‹›」』》"'])[.!?,…\s*_]*$""", re.DOTALL)


def finished(text: str) -> bool:
    """Does it end like a sentence: a full stop or its like, with closing quotes and brackets behind it?

    >>> finished("He left.”"), finished("Sport"), finished("He said:")
    (True, False, False)
    """
    return text[-40:].rstrip(_BEHIND).endswith(_STOPS)


def truncated(text: str) -> bool:
    """Does it break off with an ellipsis?

    >>> truncated("The council said it would [...]"), truncated("The council said no.")
    (True, False)
    """
    return finished(text) and _TRUNCATED.search(visible(text[-40:])) is not None


def shouted(text: str) -> bool:
    """Is it written in capitals throughout? Scripts without case never are.

    >>> shouted("THE 2 TOWERS"), shouted("The BBC"), shouted("俄罗斯军队")
    (True, False, False)
    """
    return not any(map(str.islower, text.replace("ß", ""))) and sum(map(str.isupper, text)) >= 4


def in_title_case(text: str) -> bool:
    """Do all its longer words begin with a capital, as in English headlines?

    >>> in_title_case("Why You Shouldn’t Worry About It"), in_title_case("Why you shouldn’t worry")
    (True, False)
    """
    return not any(word[0].islower() for word in text.split() if len(word) > 4)


def in_capitals(text: str) -> bool:
    """Do most of its words behind the first begin with a capital, the short ones too?

    >>> in_capitals("Why You Should Not Worry."), in_capitals("It is not over yet.")
    (True, False)
    """
    words = text.split()[1:]
    return 2 * sum(word[0].isupper() for word in words) > len(words)


def quoted(text: str) -> bool:
    """Does it stand in quotation marks from its first to its last character?

    >>> quoted("“We will win”"), quoted("“No,” he said."), quoted("“No,” he said. “Never.”")
    (True, False, False)
    """
    found = _QUOTED.match(text.strip())
    if not found:
        return False
    first, inner, last = found.groups()
    if first == last:
        return first not in inner
    depth = 0
    for character in inner:
        depth += (character == first) - (character == last)
        if depth < 0:
            return False
    return True


def cased(text: str) -> bool:
    """Is it written in a script that has capitals?"""
    return any(character.islower() or character.isupper() for character in text)


def width(line: str) -> int:
    """The length of a line in characters; one of an unspaced script, or of Hangul, is as wide as two.

    >>> width("Rain"), width("大雨")
    (4, 4)
    """
    return len(line) if line.isascii() else len(line) + len(_WIDE.findall(line))


def prose(line: str, sentence: str) -> bool:
    """Is the sentence finished, in a line longer than a line of verse, a heading or an entry of a list?"""
    return width(line) > SHORT_LINE and finished(sentence)
