"""Texts that have lost their lines: what goes, and what must stay although each sentence is a block of its own."""

from __future__ import annotations

import pytest

import dedupe

STORY = (
    "The ferry to the island of Arvelle sails again after nine days in port, the harbour office said on Monday. "
    "A broken shaft had kept it at the quay, and the spare part had to come by lorry from a foundry in the south. "
    "Shops on the island ran out of fresh bread on the third day, and the school kitchen served soup from tins. "
    "Edda Kroll, who runs the smaller of the two bakeries, baked with flour that she had kept for the winter. "
    "She said that nobody had complained, and that the children had found the whole affair rather exciting. "
    "The company will pay back half of what a season ticket costs, but the council asks for all of it. "
    "A second ship is to be chartered before the autumn storms begin, at a price that neither side would name. "
    "The mayor of Trenk, across the sound, offered his own boat, which takes twelve people and no car at all. "
    "On Tuesday morning the first lorries rolled ashore, and a brass band that nobody had ordered was playing. "
    "The foundry has promised to cast another shaft by the spring, and to keep it in a shed beside the quay."
)
MENU = "Home News Sport Weather Travel Opinion Obituaries Classifieds Log In Subscribe Now "
LEADS = [
    "By noon it was over.",
    "By all accounts he was kind.",
    "Par chance, il pleut.",
    "Di notte il lago parla.",
    "Der Mann aus Trenk schwieg.",
]
SENTENCES = [
    ("", "Petra Sund (l.) und Ulrich Stein (r.) tauschten im Saal die Plätze."),
    ("", "Terence Vole, pictured here in 2018, was then a roofer in the old town of Trenk."),
    (
        "We said two years and we meant it",
        "“We said two years and we meant it,” Kroll told the council after the vote.",
    ),
    ("By Tuesday the water was in the church", "By Tuesday the water was in the church."),
    ("Walter Ambrose Quill", "Walter Ambrose Quill, who counted the boats for forty years, has died."),
    ("", "LINDVOE, Harrow County (AP) — Mayor Edda Kroll and Police Chief Ruth Orme opened the bridge."),
    ("", "“We knew and we did nothing and the church came down.” Then he wept. “We knew and we did nothing.”"),
]


def cleaned(text: str, title: str = "") -> str:
    return dedupe.clean(dedupe.Article(text, title=title or None)).text


@pytest.mark.parametrize("lead", LEADS)
def test_a_short_lead_behind_a_menu_stays(lead: str) -> None:
    assert lead in cleaned(f"{MENU}{lead} {STORY}")


@pytest.mark.parametrize(("title", "sentence"), SENTENCES)
def test_a_sentence_that_looks_like_layout_stays(title: str, sentence: str) -> None:
    text = f"{STORY} {sentence} {STORY.replace('Arvelle', 'Lindvoe').replace('Monday', 'Friday')}"
    assert sentence in cleaned(text, title)
    assert sentence in cleaned(f"{sentence} {STORY}", title)


def test_captions_with_their_credits_go() -> None:
    head, winter, tail = STORY.partition("winter. ")
    caption = "The quay of Arvelle lay empty for days (Image: GETTY) "
    assert cleaned(f"{head}{winter}{caption}{tail}") == STORY


def test_what_goes_comes_back() -> None:
    text = f"{MENU}{STORY} Photo: Anna Lind/ReutersThe end of the story is near. layers"
    result = dedupe.clean(text)
    assert result.changed
    assert result.undo() == text
