"""The HTML report: pieces and cards against a slow reference, hostile text, and the page in a real browser."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedupe
from dedupe.edit import apply, sha256
from dedupe.errors import InputError
from dedupe.model import Article, Decision, Edit, Finding, Outcome, Plan, Safety, Span, Witness
from dedupe.pipeline import Result
from dedupe.report.cards import Card, cards_of, pieces_of

pytest.importorskip("jinja2", reason="the HTML report needs the extra `report`")

from dedupe.report.page import HtmlReport

ROOT = Path(__file__).parents[1]
SCRIPT = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>"
HOSTILE = (
    f"{SCRIPT}\nThe \"lock\" at 'Varn' & <b>its</b> gates\x00 \ud800 were {{{{ 7 * 7 }}}} opened. layers\r\nRain fell."
)
WALK = "The ferry to Little Stenn sailed again on Monday, the harbour office said."
TIDE = "The tide mill at Varn will grind barley for 30 more villages this winter."


def made(text: str, decisions: tuple[Decision, ...], edits: tuple[Edit, ...], **fields: Any) -> Result:
    after = apply(text, edits)
    article = Article(text, **fields)
    plan = Plan(article.id, "a.jsonl", 0, sha256(text), sha256(after), "standard", "0", edits, decisions)
    return Result(article, after, plan)


def page_of(*results: Result, title: str = "Report") -> str:
    file = io.BytesIO()
    report = HtmlReport(file, title)
    for result in results:
        report.add(result)
    report.finish()
    return file.getvalue().decode("utf-8")


class Reader(HTMLParser):
    """Reads a page: tags with their attributes, the article's text in order, and scripts by type."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.text = ""
        self.title = ""
        self._in: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "script":
            self.scripts.append((given.get("type"), ""))
        if tag not in {"meta", "link", "input"}:
            self._in.append(
                "text" if given.get("class") == "text" else "ref" if given.get("class", "")[:3] == "ref" else tag
            )

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._in.pop()

    def handle_data(self, data: str) -> None:
        if self._in and self._in[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        if "text" in self._in and not {"ref", "ins"} & set(self._in):
            self.text += data
        if self._in and self._in[-1] == "title":
            self.title += data


@st.composite
def results(draw: st.DrawFn) -> Result:
    text = draw(st.text("ab \n", min_size=1, max_size=24))
    places = st.integers(0, len(text))
    bounds = sorted(draw(st.lists(places, max_size=8)))
    decisions, edits = [], []
    for start, end in zip(bounds[::2], bounds[1::2], strict=False):
        edit = Edit(Span(start, end), text[start:end], draw(st.sampled_from(["", "X"])), finding=len(decisions))
        edits.append(edit)
        decisions.append(Decision(Finding("REP001", edit.span, "cut", Safety.SAFE, (edit,)), Outcome.APPLIED, "cut"))
    for outcome in draw(st.lists(st.sampled_from(list(Outcome)[1:]), max_size=5)):
        span, other = (Span(*sorted(draw(st.tuples(places, places)))) for _ in range(2))
        finding = Finding("CAP002", span, "seen", Safety.DOUBTFUL, (), Witness(None, other, 1.0))
        decisions.append(Decision(finding, outcome, "not now"))
    return made(text, tuple(decisions), tuple(edits))


def spans_of(card: Card, result: Result) -> list[Span]:
    number = next(i for i, d in enumerate(result.plan.decisions) if d.finding is card.finding)
    edits = [edit.span for edit in result.plan.edits if edit.finding == number]
    whole = not card.finding.edits and card.finding.span == (0, len(result.article.text))
    return [] if whole else [card.finding.span, *edits]


@given(results())
def test_pieces_say_of_each_character_what_a_slow_look_says(result: Result) -> None:
    cards = cards_of(result, {})
    pieces = pieces_of(result, cards)
    text = result.article.text
    assert "".join(piece.text for piece in pieces) == text
    after = "".join(
        "".join(new for new, _ in piece.inserted) + (piece.text if piece.cut is None else "") for piece in pieces
    )
    assert after == result.text
    at = 0
    for piece in pieces:
        for place in range(at, at + len(piece.text)):
            covering = {c.number for c in cards.values() if any(s.start <= place < s.end for s in spans_of(c, result))}
            copies = {
                "-".join(map(str, w.span))
                for c in cards.values()
                if (w := c.finding.witness) and w.span.start <= place < w.span.end
            }
            cut = [e.finding for e in result.plan.edits if e.span.start <= place < e.span.end]
            assert {card.number for card in piece.cards} == covering
            assert set(piece.witnesses) == copies
            assert ([] if piece.cut is None else [piece.cut.number]) == [cards[number].number for number in cut]
        at += len(piece.text)
    for name in ("starts", "ends"):
        told = [card.number for piece in pieces for card in getattr(piece, name)]
        assert sorted(told) == [card.number for card in sorted(cards.values()) if card.marks]


def test_a_page_shows_the_whole_text_and_nothing_of_it_is_markup() -> None:
    result = dedupe.clean(Article(HOSTILE, id=SCRIPT, title=SCRIPT, source=SCRIPT, lang='en" onclick="x'))
    assert result.changed
    page = Reader(page_of(result, title=SCRIPT))
    shown = HOSTILE.replace("\r\n", "\n").replace("\x00", "\\x00").replace("\ud800", "\\ud800")
    assert page.text == shown
    assert page.title == SCRIPT
    assert [kind for kind, _ in page.scripts] == ["application/json", None]
    data = json.loads(page.scripts[0][1])
    assert data["article"] == SCRIPT
    assert not {"img", "b"} & {tag for tag, _ in page.tags}
    assert not [name for _, given in page.tags for name in given if name.startswith("on") or name in {"style", "src"}]


def test_a_decision_has_the_exact_text_of_its_finding() -> None:
    odd = "a\r\n\x00\ud800</script>é"
    edit = Edit(Span(0, len(odd)), odd, "", finding=0)
    decision = Decision(Finding("TXT001", edit.span, "odd", Safety.SAFE, (edit,)), Outcome.APPLIED, "odd")
    result = made(odd + " stays", (decision,), (edit,), id="7")
    data = json.loads(Reader(page_of(result)).scripts[0][1])
    assert data == {
        "article": "7",
        "sha256_before": sha256(odd + " stays"),
        "findings": {"1": ["TXT001", 0, len(odd), odd]},
    }


def test_the_policy_allows_the_one_script_and_the_one_style() -> None:
    import hashlib
    from base64 import b64encode

    page = page_of(dedupe.clean(WALK))
    policy = next(given["content"] for tag, given in Reader(page).tags if tag == "meta" and "http-equiv" in given)
    assert policy and policy.startswith("default-src 'none'") and "unsafe" not in policy
    for tag in ("script", "style"):
        content = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(content) == 1
        digest = b64encode(hashlib.sha256(content[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_links_lead_somewhere_and_ids_are_unique() -> None:
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "fixtures" / "cases").glob("*/article.*"))]
    tags = Reader(page_of(*(dedupe.clean(Article(text, title=WALK)) for text in texts))).tags
    ids = [given["id"] for _, given in tags if given.get("id")]
    links = [given["href"] for tag, given in tags if tag == "a"]
    assert len(ids) == len(set(ids))
    assert len(links) > 50
    assert {str(link) for link in links} <= {f"#{name}" for name in ids}


def test_the_summary_counts_and_names_articles_over_budget() -> None:
    result = dedupe.clean(Article(f"{WALK} layers\n{TIDE}", id="7"))
    plan = replace(result.plan, warning="too much would go")
    page = page_of(result, replace(result, plan=plan), dedupe.clean(TIDE))
    assert "<strong>3</strong> articles" in page
    assert "<strong>2</strong> changed" in page
    assert f"<strong>14</strong> of {2 * (len(WALK) + len(TIDE) + 8) + len(TIDE)} characters" in page
    assert page.count("over the budget") == 1
    assert '<li><a href="#a2"><bdi>7</bdi></a></li>' in page
    assert "over the budget" not in page_of(result)


def test_a_finding_about_the_whole_article_marks_no_text() -> None:
    finding = Finding("DUP001", Span(0, len(WALK)), "the same as 9", Safety.DISPLAY, (), Witness("9", Span(0, 5), 1.0))
    page = page_of(made(WALK, (Decision(finding, Outcome.NO_FIX, "only reported"),), ()))
    assert "<mark" not in page.partition("<main>")[2]
    assert "about the whole article" in page
    assert "article <bdi>9</bdi>" in page


def test_earlier_verdicts_stand_on_the_page() -> None:
    edit = Edit(Span(0, 4), "Rain", "")
    finding = Finding("LAY001", edit.span, "seen", Safety.SAFE, (edit,))
    page = page_of(made("Rain fell", (Decision(finding, Outcome.REJECTED, "rejected by a person"),), ()))
    assert 'data-verdict="reject"' in page


def test_characters_that_cannot_be_seen_are_named() -> None:
    edit = Edit(Span(4, 5), "\u200b", "", finding=0)
    decision = Decision(Finding("TXT003", edit.span, "hidden", Safety.SAFE, (edit,)), Outcome.APPLIED, "hidden")
    page = page_of(made("Rain\u200bfell", (decision,), (edit,)))
    assert re.search(r"<del[^>]*>\\u200b</del>", page)


def test_without_jinja2_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(InputError, match=r"dedupe-news\[report\]"):
        HtmlReport(io.BytesIO(), "x")


def test_jinja2_is_not_imported_early() -> None:
    script = "import dedupe.report.page, sys; assert 'jinja2' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


# In a browser

ARTICLES = (
    Article(
        f"{WALK}\n{TIDE} layers\nA crane, pictured yesterday, lifts the old bell of Varn in the harbour\n{WALK}", id="7"
    ),
    Article(f"Old bell to ring\n{TIDE}\nRain fell on Varn.", id="8", title="Old bell to ring"),
    Article(HOSTILE, id="9"),
    Article("Rain fell on the mill.", id="10"),
)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page_of(*map(dedupe.clean, ARTICLES)), "utf-8", newline="")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, page_file: Path) -> Iterator[Any]:
    """The report, opened from disk; any script error, dialog or request to elsewhere fails the test."""
    page = browser.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "blob:")) else troubles.append(request.url)
    )
    page.goto(page_file.as_uri())
    yield page
    page.close()
    assert not troubles


def test_browser_text_of_the_web_stays_text(page: Any) -> None:
    shown = page.locator("#a3 .text").text_content()
    assert SCRIPT in shown
    assert "{{ 7 * 7 }}" in shown
    assert page.locator("img, .text script, .text b").count() == 0


def test_browser_filters_by_rule_and_outcome(page: Any) -> None:
    seen = page.locator(".card:visible")
    before = seen.count()
    page.select_option("#rule", "LAY")
    codes = seen.evaluate_all("cards => cards.map(card => card.dataset.code)")
    assert set(codes) == {"LAY001"}
    assert len(codes) == 2
    assert not page.locator("#a2").is_visible()
    assert not page.locator("#a4").is_visible()
    page.select_option("#rule", "")
    assert seen.count() == before
    page.select_option("#outcome", "applied")
    outcomes = seen.evaluate_all("cards => cards.map(card => card.dataset.outcome)")
    assert set(outcomes) == {"applied"}


def test_browser_jumps_to_the_witness(page: Any) -> None:
    page.set_viewport_size({"width": 1000, "height": 300})
    page.locator('#a1 .card[data-code="REP001"] a.witness').click()
    copy = page.locator("#a1 [data-w].now")
    assert copy.text_content() == WALK
    assert page.evaluate("location.hash").startswith("#w1-0-")
    page.wait_for_function("document.querySelector('[data-w].now').getBoundingClientRect().top < innerHeight")
    page.locator('#a2 .card[data-code="REP006"] a.witness').click()
    assert page.evaluate("location.hash") == "#a2-title"


def test_browser_links_lead_from_card_to_text_and_back(page: Any) -> None:
    page.locator('#a1 .card[data-code="LAY001"] >> text=show in text').click()
    assert page.locator("#a1 .text .now").first.text_content().strip() == "layers"
    page.locator("#a1 .text a.ref.REP").click()
    page.locator('.card.now[data-code="REP001"]').wait_for()


def test_browser_goes_from_finding_to_finding_by_keys(page: Any) -> None:
    def now() -> str:
        return str(page.locator(".card.now").get_attribute("id"))

    ids = page.locator(".card").evaluate_all("cards => cards.map(card => card.id)")
    for key, place in (("n", 0), ("j", 1), ("p", 0), ("k", 0), *(("n", place) for place in range(1, len(ids)))):
        page.keyboard.press(key)
        assert now() == ids[place]
    page.keyboard.press("n")
    assert now() == ids[-1]
    page.select_option("#rule", "CAP")
    page.locator("#next").click()
    assert page.locator(".card.now").get_attribute("data-code") == "CAP002"


def test_browser_saves_decisions(page: Any, tmp_path: Path) -> None:
    first = page.locator('#a1 .card[data-code="LAY001"]')
    first.get_by_role("button", name="Reject").click()
    assert "kept" in page.locator("#a1 del.LAY").get_attribute("class").split()
    page.locator('#a1 .card[data-code="REP001"]').get_by_role("button", name="Accept").click()
    page.locator("#a1 .text del.CAP").first.click()
    page.keyboard.press("r")
    page.keyboard.press("r")
    page.locator('#a3 .card[data-code="LAY001"]').get_by_role("button", name="Reject").click()
    assert page.locator("#made").inner_text() == "3"
    with page.expect_download() as download:
        page.locator("#save").click()
    assert download.value.suggested_filename == "decisions.jsonl"
    saved = tmp_path / "decisions.jsonl"
    download.value.save_as(saved)
    lines = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    words = [(line["article"], line["code"], line["verdict"]) for line in lines]
    assert sorted(words) == [("7", "LAY001", "reject"), ("7", "REP001", "accept"), ("9", "LAY001", "reject")]
    texts = {article.id: article.text for article in ARTICLES}
    for line in lines:
        assert line["text"] == texts[line["article"]][line["start"] : line["end"]]
        assert line["sha256_before"] == sha256(texts[line["article"]])
    from dedupe import decisions

    cleaner = dedupe.Cleaner(decisions=decisions.read(saved))
    assert " layers" in cleaner.clean(ARTICLES[0]).text
    assert cleaner.clean(ARTICLES[0]).text.count(WALK) == 1
    assert " layers" in cleaner.clean(ARTICLES[2]).text


def test_browser_shows_before_and_after_side_by_side(page: Any) -> None:
    page.locator("#side").check()
    page.locator("#a1 .after").scroll_into_view_if_needed()
    assert page.locator("#a1 .after").inner_text().removeprefix("After").strip() == dedupe.clean(ARTICLES[0]).text
    page.locator('#a1 .card[data-code="LAY001"]').get_by_role("button", name="Reject").click()
    assert "layers" in page.locator("#a1 .after").inner_text()
    page.locator("#side").uncheck()
    assert page.locator(".after").count() == 0


def test_browser_works_without_javascript(browser: Any, page_file: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(page_file.as_uri())
    assert not page.locator(".tools").is_visible()
    assert page.locator("#a1 .text del").first.is_visible()
    assert not page.locator("#a4 .text").is_visible()
    page.locator("#a4 summary").click()
    assert page.locator("#a4 .text").is_visible()
    page.locator('#a1 .card[data-code="REP001"] a.witness').click()
    assert "#w1-0-" in page.url
    page.close()


def test_browser_prints_closed_articles_and_reads_right_to_left(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(
        page_of(dedupe.clean(Article("عاد القارب إلى الميناء يوم الأحد. layers", lang="ar")), dedupe.clean(TIDE)),
        "utf-8",
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    text = page.locator("#a1 .text")
    assert text.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert text.get_attribute("lang") == "ar"
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#a2 .text").is_visible()
    assert not page.locator(".tools").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#a2[open]").count() == 0
    page.close()


def test_browser_shows_each_verdict_where_findings_overlap(browser: Any, tmp_path: Path) -> None:
    text = "Rain fell on Varn."
    cut = Edit(Span(5, 9), "fell", "", finding=0)
    other = Edit(Span(0, 12), text[:12], "")
    third = Edit(Span(10, 17), text[10:17], "")
    decisions = (
        Decision(Finding("LAY001", cut.span, "cut", Safety.SAFE, (cut,)), Outcome.APPLIED, "cut"),
        Decision(Finding("CAP002", other.span, "seen", Safety.DOUBTFUL, (other,)), Outcome.TOO_RISKY, "doubtful"),
        Decision(Finding("REP001", third.span, "seen", Safety.DOUBTFUL, (third,)), Outcome.TOO_RISKY, "doubtful"),
    )
    path = tmp_path / "report.html"
    path.write_text(page_of(made(text, decisions, (cut,))), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())

    def looks() -> list[tuple[str, ...]]:
        marks = page.locator(".text .m").evaluate_all("marks => marks.map(mark => [mark.textContent, mark.className])")
        return [(words, *sorted({"kept", "taken"} & set(look.split()))) for words, look in marks]

    def press(code: str, word: str) -> None:
        page.locator(f'.card[data-code="{code}"]').get_by_role("button", name=word).click()

    assert looks() == [("Rain ",), ("fell",), (" ",), ("on",), (" Varn",)]
    press("CAP002", "Reject")
    press("REP001", "Accept")
    assert looks() == [("Rain ",), ("fell",), (" ",), ("on", "taken"), (" Varn", "taken")]
    press("CAP002", "Accept")
    press("REP001", "Reject")
    press("LAY001", "Reject")
    assert looks() == [("Rain ", "taken"), ("fell", "kept"), (" ", "taken"), ("on", "taken"), (" Varn",)]
    page.close()
