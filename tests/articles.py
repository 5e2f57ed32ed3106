"""What the tests of properties share: articles as scrapers leave them, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from dedupe.model import Article

SENTENCES = [
    "The ferry to Lindvoe sailed again on Monday after nine days in port.",
    "The ferry to Lindvoe sailed again on Tuesday after nine days in port.",
    "Harbour master Edda Kroll said the quay was safe.",
    "“We waited for nine days,” said Tobin Marsh, who drives a lorry for the cannery.",
    "At least 3 people were hurt when the crane fell.",
    "At least 30 people were hurt when the crane fell.",
    "The council did not vote for the new bridge.",
    "The council did vote for the new bridge.",
    "Nobody had an answer.",
    "“What happens now?” she asked. “Nobody knows.”",
    "Nach neun Tagen im Hafen fuhr die Fähre nach Lindvoe am Montag wieder hinaus.",
    "„Wir haben neun Tage gewartet“, sagte der Fahrer Jonas Weidt.",
    "Le maire d’Aubrac-sur-Mer a promis de rouvrir le quai avant la fin du mois.",
    "El puerto de Valmera volverá a abrir el lunes, según la alcaldesa Inés Ruidera.",
    "Порт Ясноречье снова откроется в понедельник, сообщила мэр Анна Крылатова.",
    "أعلنت بلدية مرسى النور أن الميناء سيفتح أبوابه من جديد يوم الاثنين.",
    "港口将于星期一重新开放，市长林秋实在记者会上说。",
]
CAPTIONS = [
    "A dock worker, pictured yesterday, helps a colleague over the rail in the Lindvoe area",
    "Edda Kroll (left) with Tobin Marsh at the quay. Photo: Nils Arden",
    "Foto: Jonas Weidt",
    "A woman holds up a flag at the gate.",
]
STRAY = [">", "layers", "share", "more_vert", "Advertisement", "* * *", "Sport", "##", "Tweet", "[…]", "12", "…", "-"]

sentence = st.sampled_from(SENTENCES)
caption = st.sampled_from(CAPTIONS)


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    said = draw(st.lists(sentence, min_size=1, max_size=4))
    text = draw(st.sampled_from([" ", " ", " ", "  ", "", "\u00a0"])).join(said)
    damage = draw(st.integers(0, 11))
    if damage == 0:
        return f"{draw(caption)} {said[0]}"
    if damage == 1:
        return f"{text} {draw(st.sampled_from(STRAY))}"
    if damage == 2:
        return draw(caption)
    if damage == 3:
        return draw(st.sampled_from(STRAY))
    if damage == 4:
        return f"“{said[0]}”" if draw(st.booleans()) else said[0].upper()
    if damage == 5:
        words = said[0].split(" ")
        return " ".join(words[: max(1, len(words) * 2 // 3)]) + draw(st.sampled_from(["…", " ...", ""]))
    if damage == 6:
        at = draw(st.integers(0, len(text)))
        return (
            text[:at]
            + draw(st.sampled_from(["\u00ad", "\u200b", "\ufeff", "&nbsp;", "<br>", "â€™", "\x00", "\n"]))
            + text[at:]
        )
    if damage == 7:
        return draw(st.sampled_from(["> ", "- ", "* ", "1. ", "# ", "    ", "• "])) + text
    return text


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """An article as a scraper leaves it: paragraphs, some twice, with captions and leftovers between them."""
    distinct = draw(st.lists(paragraphs(), min_size=1, max_size=8))
    order = draw(st.lists(st.sampled_from(distinct), min_size=1, max_size=12))
    separator = draw(st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n", " "]))
    ends = draw(st.sampled_from(["", "", separator, "\n"]))
    text = draw(st.sampled_from(["", "", "", "\n", "\ufeff", " "])) + separator.join(order) + ends
    markup = draw(st.sampled_from(["plain", "plain", "markdown"]))
    title = draw(st.none() | sentence)
    return Article(text, title=title, markup=markup)  # type: ignore[arg-type]
