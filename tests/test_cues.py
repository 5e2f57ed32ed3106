"""The wordings of layout: the files themselves, and how a line is looked up in them."""

from __future__ import annotations

import re

import pytest

from dedupe.cues import FAMILIES, KINDS, languages, lexicon
from dedupe.normalise import key
from dedupe.wordings import wordings

WANTED = ["ar", "de", "en", "es", "fr", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "vi", "zh"]
PLACEHOLDER = re.compile(r"\{(\w+)\}")

# Line, language, and its cues as "family kind", the whole line's first; none for a look-alike.
LINES = [
    ("Share this article", "en", ["share line"]),
    ("Facebook Twitter WhatsApp 3", "en", ["share weak"]),
    ("▲ Share this article →", "en", ["share line"]),
    ("Sport", "en", ["navigation weak"]),
    ("Advertisement", "en", ["advert line"]),
    ("12 comments", "en", ["comments line"]),
    ("4 min read", "en", ["counter line"]),
    ("By Nora Feld", "en", ["byline weak"]),
    ("Die Lesezeit beträgt 4 Minuten", "de", []),
    ("Lesezeit: 4 Minuten", "de", ["counter line"]),
    ("Diesen Artikel teilen", "de", ["share line"]),
    ("Alle Rechte vorbehalten", "de", ["legal line"]),
    ("Partager cet article", "fr", ["share line"]),
    ("Tüm hakları saklıdır", "tr", ["legal line"]),
    ("TÜM HAKLARI SAKLIDIR", "tr", ["legal line"]),
    ("Все права защищены", "ru", ["legal line"]),
    ("جميع الحقوق محفوظة", "ar", ["legal line"]),
    ("シェアする", "ja", ["share line"]),
    ("无断转载", "zh", []),
    ("Share prices fell on Monday after the mill closed its gates.", "en", []),
    ("More than 300 people stood on the quay.", "en", []),
    ("The council will follow the report on the bridge.", "en", []),
]


def test_every_wanted_language_has_a_file() -> None:
    assert set(WANTED) <= set(languages())


@pytest.mark.parametrize("lang", ["common", *languages()])
def test_a_file_of_wordings_is_well_formed(lang: str) -> None:
    table = wordings(f"layout/{lang}")
    assert set(table) <= {*FAMILIES, "date"}
    for family, kinds in table.items():
        assert set(kinds) <= ({"words"} if family == "date" else set(KINDS)), family
        for kind, entries in kinds.items():
            for wording in entries:
                assert set(PLACEHOLDER.findall(wording)) <= {"n", "name", "date", "rest"}, (family, kind, wording)
                words = key(PLACEHOLDER.sub(" ", wording))
                alone = wording in ("{n}", "{date}", "{date}{date}", "{n} {n}", "{n} {n} {n}") and kind == "weak"
                assert words or alone, f"{family} {kind}: {wording!r} matches anything"


@pytest.mark.parametrize(("line", "lang", "expected"), LINES, ids=[line for line, _, _ in LINES])
def test_cues_of_a_line(line: str, lang: str, expected: list[str]) -> None:
    found = [f"{cue.family} {cue.kind}" for cue in lexicon(lang).cues(key(line), line)]
    assert found[: len(expected) or None] == expected


def test_a_label_needs_its_colon() -> None:
    known = lexicon("en")
    kinds = [{cue.kind for cue in known.cues(key(line), line)} for line in ("Related: The mill", "Related the mill")]
    assert "label" in kinds[0]
    assert "label" not in kinds[1]


def test_a_cue_says_where_it_stands() -> None:
    line = "★ The clerk said: sign up for our newsletter and see."
    (cue,) = [cue for cue in lexicon("en").cues(key(line), line) if cue.kind == "inside"]
    assert key(line).split()[cue.start : cue.end][:3] == ["sign", "up", "for"]
