"""What changes the meaning of a sentence makes two sentences: both stand, at every level."""

from __future__ import annotations

import pytest

from dedupe.model import Article
from dedupe.pipeline import clean

AROUND = ["The reading room of the Varn library opens at nine.", "A cat sleeps on the returned novels there."]
PAIRS = [
    ("It was −5 degrees in the old town on Monday.", "It was 5 degrees in the old town on Monday."),
    ("It was -3.5% in the old town on Monday.", "It was 3.5% in the old town on Monday."),
    ("The bond is up +2 points in the old town.", "The bond is up −2 points in the old town."),
    (
        "The rent rose by $5 in the old town on Monday.",
        "The rent rose by €5 in the old town on Monday.",
    ),
    ("The pound in the old town on Monday: ↑ again.", "The pound in the old town on Monday: ↓ again."),
    (
        "The vote of the old town on Monday was ✔ again.",
        "The vote of the old town on Monday was ✘ again.",
    ),
    (
        "The teacher gave the essay about the harbour a C again.",
        "The teacher gave the essay about the harbour a C+ again.",
    ),
    (
        "The tool for the old town is written in C++ now.",
        "The tool for the old town is written in C# now.",
    ),
    (
        "The rule of the old town says that x<5 here.",
        "The rule of the old town says that x>5 here.",
    ),
    (
        "Der Koch lobte die Masse im alten Hafen von Lindau sehr.",
        "Der Koch lobte die Maße im alten Hafen von Lindau sehr.",
    ),
    (
        "The area of the old town is 10² acres all told.",
        "The area of the old town is 102 acres all told.",
    ),
    (
        "The mayor of the old town will resign on Monday.",
        "The mayor of the old town won't resign on Monday.",
    ),
    (
        "The mayor left the old town on Monday at noon.",
        "The mayor left the old town on Monday at noon?",
    ),
    (
        "مجلس البلدية وافق على بناء الجسر الجديد يوم الاثنين.",
        "مجلس البلدية لم يوافق على بناء الجسر الجديد يوم الاثنين.",
    ),
    ("市议会星期一同意在老港口建造新的大桥和公园。", "市议会星期一不同意在老港口建造新的大桥和公园。"),
    (
        "कि नगर परिषद ने सोमवार को पुराने पुल को बंद करने का फैसला किया।",
        "की नगर परिषद ने सोमवार को पुराने पुल को बंद करने का फैसला किया।",
    ),
]
UNREAD = {
    "front matter": "---\ntitle: x\ndescription: {}\n---\n\n{}\n\n{}\n",
    "a picture": "{1}\n\n![{0}](a.jpg)\n\n{0}\n",
    "a comment": "<!-- {0} -->\n\n{0}\n\n{1}\n",
    "a table": "| a | b |\n|---|---|\n| {0} | 2 |\n\n{0}\n\n{1}\n",
    "code": "```\n{0}\n```\n\n{0}\n\n{1}\n",
    "a footnote": "{0}\n\n{1}\n\n[^1]: {0}\n",
}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_both_stand(first: str, second: str) -> None:
    for a, b in ((first, second), (second, first)):
        text = "\n".join([AROUND[0], a, AROUND[1], b])
        assert clean(text, select="REP").text == text


@pytest.mark.parametrize("place", UNREAD)
def test_what_nobody_reads_is_no_witness(place: str) -> None:
    sentence = "The council voted to close the old harbour bridge for good on Monday."
    text = UNREAD[place].format(sentence, sentence if place == "front matter" else AROUND[0], AROUND[1])
    assert clean(Article(text, markup="markdown"), level="strict").text == text


P, Q, R, S, T, U = (
    "The council voted to close the old harbour bridge for good on Monday.",
    "Nobody was hurt when the tall crane fell on the quay, police said.",
    "The ferry to Hallig sailed again on Tuesday after nine days of storm.",
    "A decision about the market hall is expected before the long summer.",
    "Two bakers of the old town have opened a school for apprentices.",
    "Next week the lighthouse keeper shows children how the lamp works.",
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"{P} {R}\n\n{Q} {S}\n\n{T} {P}\n\n{Q} {U}\n", f"{P} {R}\n\n{Q} {S}\n\n{T}\n\n{U}\n"),
        (f"{P} {R}\r\n{Q} {S}\r\n{T} {P}\r\n{Q} {U}\r\n", f"{P} {R}\r\n{Q} {S}\r\n{T}\r\n{U}\r\n"),
        (f"{P} {R}\n{Q} layers\n{P} {S}", f"{P} {R}\n{Q}\n{S}"),
        (f"{P} {R}\n{Q} {S}\n{Q} {S}\n{T}\n", f"{P} {R}\n{Q} {S}\n{T}\n"),
        (f"{P}\n\n{Q} layers\n\n{R} layers\n", f"{P}\n\n{Q}\n\n{R}\n"),
    ],
)
def test_a_cut_on_both_sides_of_a_line_break_keeps_paragraphs_apart(text: str, cleaned: str) -> None:
    assert clean(text).text == cleaned
