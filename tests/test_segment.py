"""Blocks and sentences: spans tile every text, shapes and Markdown are told apart, sentences end where they should."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedupe.language import FUNCTION_WORDS, guess_language
from dedupe.model import Article, Document, Span
from dedupe.normalise import key
from dedupe.segment import segment
from dedupe.sentences import split

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "fixtures" / "sentences.jsonl"
HARD = HERE.parent.parent / "shared" / "data" / "sentences" / "cases.jsonl"

WIRE = """\
The ferry to Lindvoe sailed again on Monday after nine days in
port, the harbour office said, and the first lorries reached the
cannery before noon.
    Edda Kroll, the harbour master, said the quay was safe. "We
tested it twice," she told reporters.
    The council meets on Friday to vote on the new bridge, which
would replace the ferry by the end of the decade.
 WIRE
"""
MAIL = """\
The ferry to Lindvoe sailed again on Monday after nine days in port,
the harbour office said, and the first lorries reached the cannery
before noon.

Edda Kroll, the harbour master, said the quay was safe. “We tested it
twice,” she told reporters, and added that the crane would stay
closed until a second report was in.
"""
MENU = "Home\nNews\nSport\nWeather\nContact us\nsign in\nsubscribe now\n" * 3
POEM = """\
The river took the lantern from the hand
of one who walked the winter road alone
and carried it beyond the broken land
to where the grass lies flat upon the stone.

The river keeps whatever it was given
and gives it back to no one in the end
it runs below the bridge where carts were driven
and does not wait for neighbour or for friend.
"""
DUMP = (
    MENU + "The council of Lindvoe voted on Friday for the new bridge, which will replace the ferry. " * 3 + "\n" + MENU
)


def texts(document: Document) -> list[str]:
    """What stands in each block."""
    return [document.article.text[b.body.start : b.body.end] for b in document.blocks]


def said(document: Document) -> list[str]:
    """What stands in each sentence."""
    return [document.article.text[s.body.start : s.body.end] for s in document.sentences]


def markdown(text: str) -> list[tuple[str, str]]:
    document = segment(Article(text, markup="markdown", lang="en"))
    return list(zip([b.kind for b in document.blocks], texts(document), strict=True))


def parted(marked: str) -> tuple[str, set[int]]:
    """A case without its marks, and where its sentences start."""
    parts = marked.split("‖")
    starts, at = set(), 0
    for part in parts[:-1]:
        at += len(part)
        starts.add(at)
    text = "".join(parts)
    return text, {start + len(text[start:]) - len(text[start:].lstrip()) for start in starts}


def starts(text: str, lang: str) -> set[int]:
    spans = [s.span.start for s in segment(Article(text, lang=lang)).sentences[1:]]
    return {start + len(text[start:]) - len(text[start:].lstrip()) for start in spans}


def golden() -> list[object]:
    cases = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
    return [
        pytest.param(
            case["lang"],
            case["marked"],
            id=f"{number}-{case['lang']}-{case['kind']}",
            marks=[pytest.mark.xfail(reason=case["xfail"])] if "xfail" in case else [],
        )
        for number, case in enumerate(cases, 1)
    ]


@pytest.mark.parametrize(("lang", "marked"), golden())
def test_golden_sentences(lang: str, marked: str) -> None:
    text, expected = parted(marked)
    assert starts(text, lang) == expected


def test_hard_sentences() -> None:
    if not HARD.exists():
        pytest.skip("the hard cases of ../shared/data/sentences are not here")
    cases = [json.loads(line) for line in HARD.read_text(encoding="utf-8").splitlines()]
    right = sum(starts(text, case["lang"]) == expected for case in cases for text, expected in [parted(case["marked"])])
    assert right >= 54, f"{right} of {len(cases)} right"


CHARACTERS = st.sampled_from(
    "aAzZ1.!?…,:;-–—'\"“”„«»()[]{}*_#>|`~=+• \t\n\r\v\f\x00\x1c\x85\u00a0\u00ad\u200b\u2028\ufeff\ufe0f\u0301"
    "é我。」「か😀\udc80\ud83dДم"
)
WORDS = st.sampled_from(
    [
        *("Mr. ", "He left.", "“Why?” ", "U.S. ", "at 3.5%.The", "www.a.b/c.D ", "The crane fell", "(He left.) "),
        *("\r\n", "\n\n", "    ", "- ", "1. ", "2) ", "> ", ">", "# ", "```\n", "---\n", "===\n", "|a|b|\n", "|-|-|\n"),
        "the quay was safe and the lorries came to the harbour at noon\n",
    ]
)
TEXTS = st.lists(st.one_of(CHARACTERS, WORDS, WORDS, st.text(max_size=5)), max_size=40).map("".join)


def tiled(spans: list[Span], whole: Span) -> bool:
    bounds = [whole.start, *(span.end for span in spans)]
    return bounds[-1] == whole.end and all(span.start == a for span, a in zip(spans, bounds, strict=False))


@given(TEXTS, st.sampled_from(["plain", "markdown"]), st.sampled_from([None, "en", "de", "ja", "xx", "pt-BR", ""]))
@example("", "plain", None)
@example(" \r\n ", "plain", None)
@example(" \u200b\n ", "markdown", None)
@example("\udc80. A\ud83d", "plain", "en")
@example("```\n\n", "markdown", None)
@example("> > \n>", "markdown", None)
@example("1. \n2. b\n3. c", "plain", "de")
@settings(max_examples=400, deadline=None)
def test_spans_tile_every_text(text: str, markup: str, lang: str | None) -> None:
    article = Article(text, lang=lang, markup="markdown" if markup == "markdown" else "plain")
    document = segment(article)
    assert document == segment(article)
    assert bool(document.blocks) == bool(text)
    assert tiled([b.span for b in document.blocks], Span(0, len(text)))
    assert [s for b in document.blocks for s in b.sentences] == list(range(len(document.sentences)))
    for number, block in enumerate(document.blocks):
        sentences = [document.sentences[s] for s in block.sentences]
        assert sentences
        assert all(s.block == number for s in sentences)
        assert tiled([s.span for s in sentences], block.span)
        for piece in (block, *sentences):
            body = text[piece.body.start : piece.body.end]
            assert piece.span.start <= piece.body.start <= piece.body.end <= piece.span.end
            assert body == body.strip()
            assert piece.key == key(body)
        assert all(block.body.start <= s.body.start and s.body.end <= block.body.end for s in sentences)


@given(st.text(alphabet=st.sampled_from("aB .!?\n\r“”()。é1"), max_size=60))
@example("vitamin A\xa0. He left.")
@settings(deadline=None)
def test_split_ends_rise_to_the_end(text: str) -> None:
    ends = split(text, "en")
    assert ends == sorted(set(ends))
    assert ends[-1:] == ([len(text)] if text else [])


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (WIRE, "wrapped"),
        (MAIL, "wrapped"),
        (MAIL.replace("\n", "\r\n"), "wrapped"),
        (MENU, "lines"),
        (POEM, "lines"),
        (DUMP, "lines"),
        ("- First item\n- second item\n- third item\n- fourth item", "lines"),
        ("The ferry sailed again. " * 60, "one-line"),
        ("Lindvoe ferry\n\n" + "The ferry sailed again. " * 60, "one-line"),
        ("The ferry sailed again.", "lines"),
        ("", "lines"),
    ],
)
def test_shape(text: str, shape: str) -> None:
    assert segment(Article(text)).shape == shape


def test_wrapped_paragraphs_begin_with_an_indent() -> None:
    document = segment(Article(WIRE))
    assert [text.split()[0] for text in texts(document)] == ["The", "Edda", "The", "WIRE"]
    assert said(document)[1:3] == [
        "Edda Kroll, the harbour master, said the quay was safe.",
        '"We\ntested it twice," she told reporters.',
    ]


def test_a_wrapped_first_line_that_lost_its_dateline_goes_on() -> None:
    document = segment(Article(WIRE.replace("The ferry to Lindvoe sailed", "Sailings of the\nLindvoe ferry began", 1)))
    assert texts(document)[0].startswith("Sailings of the\nLindvoe ferry began again")


def test_wrapped_paragraphs_begin_after_a_blank_line() -> None:
    document = segment(Article(MAIL))
    assert len(document.blocks) == 2
    assert len(document.sentences) == 3


def test_verse_stays_in_lines() -> None:
    assert len(segment(Article(POEM)).blocks) == 8


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("Rain fell.\nSnow came.\n\nNo one left.", ["Rain fell.", "Snow came.", "No one left."]),
        (
            "The mayor told the council on Friday that the\nferry would not sail again. She sat down.",
            ["The mayor told the council on Friday that the\nferry would not sail again. She sat down."],
        ),
        (
            "The mayor of Lindvoe at the quay on Friday morning\nby Tobin Marsh",
            ["The mayor of Lindvoe at the quay on Friday morning", "by Tobin Marsh"],
        ),
        (
            "The mayor told the council on Friday that the\n\nferry would not sail again.",
            ["The mayor told the council on Friday that the", "ferry would not sail again."],
        ),
        (">\nThe ferry sailed.", [">", "The ferry sailed."]),
        ("\u200b\n The ferry sailed.\u200b \n", ["The ferry sailed."]),
        ("• Rates rise\n- Rents fall\n* Wages", ["Rates rise", "Rents fall", "Wages"]),
        ("1. Boil\n2. Salt", ["Boil", "Salt"]),
        ("1. FC Lindvoe siegt", ["1. FC Lindvoe siegt"]),
        ("3. Oktober: Sitzung\n4. Oktober: Sitzung", ["3. Oktober: Sitzung", "4. Oktober: Sitzung"]),
        ("-5 degrees\n- \n-", ["-5 degrees", "-", "-"]),
    ],
)
def test_blocks_of_plain_text(text: str, blocks: list[str]) -> None:
    assert texts(segment(Article(text, lang="en"))) == blocks


def test_kinds_of_plain_text() -> None:
    kinds = [b.kind for b in segment(Article(">\n• Rates rise\n# no heading\n1) Boil\n2) Salt\nEnd.")).blocks]
    assert kinds == ["text", "item", "text", "item", "item", "text"]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# Ferry #\n\nIt sailed\nagain.", [("heading", "Ferry"), ("text", "It sailed\nagain.")]),
        ("## C#\nText", [("heading", "C#"), ("text", "Text")]),
        (
            "Ferry\n=====\nIt sailed.\n\nBridge\n---",
            [("heading", "Ferry"), ("text", "It sailed."), ("heading", "Bridge")],
        ),
        (
            "- one\n  more\n* two\n1. three\n2) four",
            [("item", "one\n  more"), ("item", "two"), ("item", "three"), ("item", "four")],
        ),
        ("- [x] done", [("item", "done")]),
        ("> We left. It\n> rained.\n>\n> Then snow.", [("quote", "We left. It\n> rained."), ("quote", "Then snow.")]),
        (">", [("quote", ">")]),
        (">\n> We left.", [("quote", "We left.")]),
        ("```py\na. B\n\nc\n```\nText", [("code", "```py\na. B\n\nc\n```"), ("text", "Text")]),
        ("```\nText", [("text", "```\nText")]),
        ("Text\n\n    a. B\n\n    c\n\nEnd", [("text", "Text"), ("code", "a. B\n\n    c"), ("text", "End")]),
        ("- one\n\n    more", [("item", "one"), ("text", "more")]),
        (
            "| a | b |\n|---|---|\n| C. D | e |\n\nEnd",
            [("table", "| a | b |\n|---|---|\n| C. D | e |"), ("text", "End")],
        ),
        ("One\n\n***\n\nTwo", [("text", "One"), ("text", "***"), ("text", "Two")]),
        ("---\ntitle: Ferry\n---\nText", [("code", "---\ntitle: Ferry\n---"), ("text", "Text")]),
        ("---\n\nText", [("text", "---"), ("text", "Text")]),
        ("In the\n19. Jahrhundert", [("text", "In the\n19. Jahrhundert")]),
        ("[Ferry](http://a.example/B.C) sailed. ![x](y)", [("text", "[Ferry](http://a.example/B.C) sailed. ![x](y)")]),
    ],
)
def test_blocks_of_markdown(text: str, blocks: list[tuple[str, str]]) -> None:
    assert markdown(text) == blocks


def test_markdown_code_and_tables_are_one_sentence() -> None:
    document = segment(Article("```\nA b. C d.\n```\n\n|a. B|c|\n|-|-|\n", markup="markdown"))
    assert [len(b.sentences) for b in document.blocks] == [1, 1]


def test_markdown_lines_are_soft_unless_marked() -> None:
    document = segment(Article("The ferry\nsailed. It was\nlate.\n\nPhoto: Arden  \nThe quay", markup="markdown"))
    assert said(document) == ["The ferry\nsailed.", "It was\nlate.", "Photo: Arden", "The quay"]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("", "en"),
        ("12 345", "en"),
        ("The ferry sailed again on Monday and the harbour was open.", "en"),
        ("Die Fähre fuhr am Montag wieder, und der Hafen war offen.", "de"),
        ("Le maire a promis de rouvrir le quai avant la fin du mois.", "fr"),
        ("El puerto volverá a abrir el lunes, según la alcaldesa.", "es"),
        ("Il porto riapre lunedì e la nave parte con il sindaco.", "it"),
        ("O porto reabre na segunda e o barco parte com a prefeita, que não falou.", "pt"),
        ("De haven gaat maandag weer open en het schip vaart naar het eiland.", "nl"),
        ("Port otworzy się w poniedziałek, a statek nie popłynie do miasta.", "pl"),
        ("Порт откроется в понедельник.", "ru"),
        ("Порт відкриється в понеділок, його чекають усі.", "uk"),
        ("سيفتح الميناء يوم الاثنين.", "ar"),
        ("港口将于星期一重新开放。", "zh"),
        ("港は月曜日に再開される。", "ja"),
        ("항구는 월요일에 다시 열린다.", "ko"),
        ("Το λιμάνι ανοίγει τη Δευτέρα.", "el"),
        ("बंदरगाह सोमवार को खुलेगा।", "hi"),
        ("ท่าเรือจะเปิดวันจันทร์", "th"),
    ],
)
def test_language_is_guessed(text: str, lang: str) -> None:
    assert guess_language(text) == lang


def test_function_words_are_small() -> None:
    assert all(word == word.casefold() for words in FUNCTION_WORDS.values() for word in words)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a. ",
        "“",
        '"',
        "“No.” ",
        "(",
        "[1] ",
        "A.B",
        "我们。",
        "他说:“好。”",
        ". ",
        "- ",
        "\n",
        "# ",
        "www.",
        "a@",
        "1. ",
        " ",
        "He left. ",
        "```\n",
    ],
)
@pytest.mark.parametrize("markup", ["plain", "markdown"])
def test_strange_texts_take_linear_time(unit: str, markup: str) -> None:
    article = Article(unit * (60_000 // len(unit)), markup="markdown" if markup == "markdown" else "plain")
    started = time.process_time()
    document = segment(article)
    assert time.process_time() - started < 4
    assert document.sentences[-1].span.end == len(article.text)


def test_long_lines_end_sentences_where_short_ones_do() -> None:
    said_ = "Edda Kroll of the U.S. office said no. “We tested it. It held,” she added. "
    ends = split(said_ * 500)
    assert ends == [at * len(said_) + end for at in range(500) for end in split(said_)]


def test_sentencex_is_imported_late() -> None:
    code = "import sys, dedupe.segment; sys.exit('sentencex' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=HERE.parent, check=False).returncode == 0


@pytest.mark.parametrize(
    ("lang", "known"),
    [
        ("de", "de"),
        ("DE-at", "de"),
        ("pt_BR", "pt"),
        ("fil", "fil"),
        ("German", "sv"),
        ("", "sv"),
        ("?", "sv"),
        (None, "sv"),
    ],
)
def test_a_language_is_a_code_or_guessed(lang: str | None, known: str) -> None:
    text = "Bron är öppen igen sedan i måndags, och trafiken rullar som den ska, säger polisen till tidningen."
    assert segment(Article(text, lang=lang)).lang == known


LANGUAGES = {
    "sv": "Kommunen hade stängt bron efter stormen, men nu är det klart att bilarna kan köra över den igen.",
    "tr": "Köprü fırtınadan sonra kapandı, ancak belediye çok çalıştı ve bu sabah bir şerit açıldı.",
    "id": "Jembatan itu ditutup setelah badai, dan warga yang tinggal di seberang tidak bisa pergi ke pasar.",
    "vi": "Cây cầu đã bị đóng sau cơn bão, và những người ở bên kia sông không được đi qua trong một tuần.",
    "de": "Die Brücke war nach dem Sturm gesperrt, und die Leute am anderen Ufer kamen nicht zum Markt.",
    "en": "The bridge was closed after the storm, and the people on the other bank could not go to the market.",
    "pl": "Most zamknięto po burzy, a mieszkańcy z drugiego brzegu nie mogli dojechać na targ do miasta.",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_languages_are_told_by_their_small_words(lang: str) -> None:
    assert guess_language(LANGUAGES[lang]) == lang


def test_a_menu_in_another_language_does_not_hide_the_article() -> None:
    menu = "News of the week\nOpinion\nWeather for you\nPuzzles\nSign in\nThe archive\n" * 20
    assert guess_language(menu + (LANGUAGES["tr"] + "\n") * 80) == "tr"
