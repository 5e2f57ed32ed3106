"""The line scorer: features, labels, the trees against a slow reference, training."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedupe
from dedupe.annotate import annotate
from dedupe.errors import ConfigError
from dedupe.lines.features import NAMES, ZONES, counted, features
from dedupe.lines.labels import by_gold, by_line_labels, by_segments, by_votes
from dedupe.lines.model import LEVELS, LineModel, load
from dedupe.lines.reasons import GROUP_OF, GROUPS, why
from dedupe.lines.said import told
from dedupe.lines.spared import _adjoining, _holes, _with_their_like, spared
from dedupe.lines.wording import shares, weigh
from dedupe.model import Article, Document, LineScore, Safety
from dedupe.rules.lay090_unlikely_line import Options, unlikely_line
from dedupe.segment import segment

PAGE = """Home
Sport
Weather
Old pier of Arvelle to close
By Nora Feld
The old pier of Arvelle will close in May, the harbour master said on Monday, because its piles have rotted.
Ferries to the island will leave from the new quay until the repairs are done, which may take two years.
“Nobody wants this, but nobody wants to fall into the water either,” she said after the meeting of the council.
More from the harbour
Why gulls steal chips
Ten walks for a grey day
Share this article
"""
LABELS = "000001110000"
WEIGHTS = {"share": 2.0, "home": 1.0, "said": -1.5, "is": -0.5, "да": 0.25}


def document(text: str, title: str | None = None) -> Document:
    return annotate(segment(Article(text, title=title)))


def texts() -> st.SearchStrategy[str]:
    lines = st.sampled_from([*PAGE.splitlines(), "", "  ", "…", "雨が降った。", "３ 😀", "Да.", "\u200b"])
    return st.lists(lines, max_size=12).map("\n".join)


@given(texts(), st.sampled_from([None, "", "Old pier of Arvelle to close"]))
def test_a_row_for_each_line_and_only_numbers(text: str, title: str | None) -> None:
    page = document(text, title)
    rows = features(page, WEIGHTS)
    assert rows.shape == (len(page.blocks), len(NAMES))
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


def only(page: Document, places: list[int]) -> Document:
    blocks, cues = (tuple(all_of_them[place] for place in places) for all_of_them in (page.blocks, page.cues))
    repeats = () if page.shape == "one-line" else page.repeats
    return replace(page, blocks=blocks, cues=cues, repeats=repeats)


@given(texts(), st.sampled_from([None, "Old pier of Arvelle to close"]), st.sets(st.integers(0, 30)), st.booleans())
def test_lines_counted_again_are_as_if_the_others_had_never_stood_there(
    text: str, title: str | None, chosen: set[int], torn: bool
) -> None:
    page = document(" ".join(f"{PAGE}{text}".split("\n") * 3) if torn else text, title)
    places = sorted(place for place in chosen if place < len(page.blocks))
    again = counted(page, WEIGHTS).only(np.array(places, np.int64)).rows()
    assert (again == features(only(page, places), WEIGHTS)).all()


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([*WEIGHTS, "ferry", "雨"]), max_size=5).map(" ".join), st.booleans()),
        max_size=6,
    )
)
def test_what_words_tell_of_a_line_is_their_mean_most_and_least(lines: list[tuple[str, bool]]) -> None:
    def weight(word: str) -> float:
        subject = sum(prose and word in key.split() for key, prose in lines) >= 2
        return min(0.0, WEIGHTS.get(word, 0.0)) if subject else WEIGHTS.get(word, 0.0)

    said = [[weight(word) for word in set(key.split())] or [0.0] for key, _ in lines]
    expected = [[sum(own) / len(own), max(own), min(own)] for own in said]
    keys, prose = [key for key, _ in lines], np.array([prose for _, prose in lines], np.bool_)
    assert np.allclose(told(keys, prose, WEIGHTS), np.array(expected).reshape(-1, 3), atol=1e-6)


def test_words_are_weighed_by_sites_each_of_which_counts_once() -> None:
    lines = [("share", False), ("share the news", False), ("the ferry sailed", True), ("the news is bad", True)]
    site = shares(lines)
    assert site == {"share": 1, "the": 1 / 3, "news": 1 / 2, "ferry": 0, "sailed": 0, "is": 0, "bad": 0}
    assert shares(lines * 9) == site
    weights = weigh([site, site, site, site, {**site, "share": 1, "rare": 1}])
    assert weights["share"] > 1 > 0 > weights["ferry"] == weights["bad"]
    assert "rare" not in weights
    assert weigh([site] * 4) == weigh([]) == {}


@pytest.mark.parametrize(
    ("most", "said"), [(2.0, "words of layout such as “share”"), (0.0, "no word that articles use more")]
)
def test_a_reason_names_the_word_that_speaks_most_for_layout(most: float, said: str) -> None:
    row, owed = np.zeros((1, len(NAMES)), np.float32), np.zeros((1, len(GROUPS)), np.float32)
    row[0, NAMES.index("worded_most")] = most
    owed[0, GROUP_OF[NAMES.index("worded")]] = -1
    assert why(row, owed, ["home is to share"], WEIGHTS) == [said]


def test_names_are_distinct() -> None:
    assert len(set(NAMES)) == len(NAMES)


def slow_probability(model: LineModel, row: np.ndarray) -> float:
    odds = model.bias
    for columns, borders, leaves in zip(model.columns, model.borders, model.leaves, strict=True):
        leaf = 0
        for place, (column, border) in enumerate(zip(columns, borders, strict=True)):
            leaf += int(row[column] > border) << place
        odds += float(leaves[leaf])
    return 1 / (1 + float(np.exp(-odds)))


@given(st.integers(0, 2**32 - 1))
def test_trees_give_what_a_slow_walk_through_them_gives(seed: int) -> None:
    random = np.random.default_rng(seed)
    trees, depth, lines = random.integers(1, 6), random.integers(1, 7), random.integers(0, 5)
    model = LineModel(
        random.integers(0, len(NAMES), (trees, depth)),
        random.normal(size=(trees, depth)).astype(np.float32),
        random.normal(size=(trees, 2**depth)).astype(np.float32),
        float(random.normal()),
        np.zeros((len(LEVELS), len(ZONES)), np.float32),
        {},
    )
    rows = random.normal(size=(lines, len(NAMES))).astype(np.float32)
    expected = [slow_probability(model, row) for row in rows]
    assert model.probability(rows) == pytest.approx(expected, abs=1e-5)


def test_the_shipped_model_is_small_and_tells_article_from_menu() -> None:
    assert len((files("dedupe.lines") / "weights.npz").read_bytes()) < 300_000
    scores = load().judged(document(PAGE, "Old pier of Arvelle to close"))
    article = [score.probability for score, label in zip(scores, LABELS, strict=True) if label == "1"]
    rest = [score.probability for score, label in zip(scores, LABELS, strict=True) if label == "0"]
    assert min(article) > max(rest)
    assert all(score.safety is None for score, label in zip(scores, LABELS, strict=True) if label == "1")
    assert all(score.reasons for score in scores if score.safety is not None)


def page_rows(prose: int, other: int) -> np.ndarray:
    """Features of a page of so many paragraphs of prose and of other long lines."""
    rows = np.zeros((prose + other, len(NAMES)), np.float32)
    rows[:, NAMES.index("words")] = np.log1p(20)
    rows[:prose, NAMES.index("prose")] = 1
    return rows


def test_limits_grow_with_the_level_and_with_the_noise_of_the_page() -> None:
    model, rows = load(), page_rows(prose=100, other=0)
    clean, noisy = (
        model.limits_for(np.r_[np.full(20, 0.9), np.full(80, rest)].astype(np.float32), rows) for rest in (0.95, 0.01)
    )
    assert clean.shape == (len(LEVELS), len(ZONES))
    assert (np.diff(clean, axis=0) >= 0).all()
    assert (np.diff(noisy, axis=0) >= 0).all()
    assert (clean <= noisy).all()
    assert (clean < noisy).any()


def test_a_page_without_prose_is_never_called_noisy() -> None:
    model, likely = load(), np.r_[np.full(20, 0.9), np.full(80, 0.01)].astype(np.float32)
    none, some, all_of_it = (model.limits_for(likely, page_rows(prose, 100 - prose)) for prose in (0, 13, 20))
    assert (none == model.limits).all()
    assert (none <= some).all()
    assert (some <= all_of_it).all()
    assert (none < some).any()
    assert (some < all_of_it).any()


def test_inside_a_page_that_is_hardly_sure_of_its_article_nothing_goes_but_at_strict() -> None:
    model, rows, inside = load(), page_rows(prose=20, other=80), ZONES.index("inside")

    def limits(sure: int, in_lines: bool = True) -> np.ndarray:
        likely = np.r_[np.full(sure, 0.9), np.full(20 - sure, 0.6), np.full(80, 0.01)].astype(np.float32)
        return model.limits_for(likely, rows, in_lines)

    unsure, half_sure, sure = map(limits, (11, 13, 14))
    assert not unsure[:-1, inside].any()
    assert (unsure[:-1, inside] < half_sure[:-1, inside]).all()
    assert (half_sure[:-1, inside] < sure[:-1, inside]).all()
    assert (unsure[-1] > 0).all()
    assert (unsure[:, [z for z in range(len(ZONES)) if z != inside]] > 0).all()
    assert (limits(11, in_lines=False)[:, inside] > 0).all()


def test_one_of_many_lines_that_begin_alike_is_not_cut_alone() -> None:
    ticker = [f"At {hour}.05 a.m. the boat passed the pier in fog and rain." for hour in range(6, 10)]
    page = segment(Article("\n".join([*ticker, "Contact us by mail today.", "Contact us by phone today."])))
    assert list(_with_their_like(page, [True, False, False, False, True, True])) == [0]
    assert list(_with_their_like(page, [True, True, False, False, True, True])) == [0, 1]
    assert list(_with_their_like(page, [True, True, True, False, True, False])) == []


@pytest.mark.parametrize(
    ("going", "expected"),
    [
        ("x..x..", [3]),
        ("..xxxx.", [2, 3, 4, 5]),
        ("..xxxxx.", []),
        ("xx..xx", []),
        (".x.xxxxx.x", [1]),
        ("xxx", []),
        ("", []),
    ],
)
def test_a_hole_is_few_lines_between_lines_that_stay(going: str, expected: list[int]) -> None:
    assert list(_holes(range(len(going)), [mark == "x" for mark in going])) == expected


@given(st.text("x?.", max_size=30))
def test_adjoining_lines_are_in_a_row_with_one_that_stays(marks: str) -> None:
    """As a regular expression says it: x goes, ? goes and is perhaps article text, . stays."""
    expected = {place for found in re.finditer(r"(?<=\.)\?+|\?+(?=\.)", marks) for place in range(*found.span())}
    places = range(len(marks))
    assert set(_adjoining(places, [mark != "." for mark in marks], [mark == "?" for mark in marks])) == expected


def test_what_is_all_but_surely_no_article_text_is_not_spared() -> None:
    page = document("The ferry sailed.\nIt was full.\nRain fell on the quay.\nThe end came soon.", "The ferry")
    rows, zone = features(page, {}), np.ones(4, np.int64)
    going = np.array([False, True, False, True])
    assert set(spared(page, rows, zone, np.array([0.9, 0.2, 0.9, 0.2], np.float32), going)) == {1, 3}
    assert set(spared(page, rows, zone, np.array([0.9, 0.04, 0.9, 0.04], np.float32), going)) == set()


@pytest.mark.parametrize(
    "recipe",
    [
        "For the cake:\n200 g flour\n3 tbsp butter\n½ tsp salt",
        "Für den Teig:\n250 g Mehl\n3 EL Butter\nca. 1 Prise Salz\n2 Dose/n Birnen",
        "Pour la pâte :\n200 g de farine\n2 c. à soupe de beurre\n1 pincée de sel",
        "Для теста:\n200 г муки\n3 ст. л. масла\n1 ч. л. соли",
    ],
)
def test_ingredients_and_what_leads_up_to_them_are_never_cut(recipe: str) -> None:
    page = segment(Article(f"{recipe}\nHome\nSport"))
    page = replace(page, line_scores=(LineScore(0.01, Safety.LIKELY, "short"),) * len(page.blocks))
    cut = [page.article.text[slice(*finding.span)] for finding in unlikely_line.check(page, Options())]
    assert cut == ["Home", "Sport"]


def test_two_quantities_are_no_recipe() -> None:
    page = segment(Article("200 g flour\n3 tbsp butter\nHome"))
    page = replace(page, line_scores=(LineScore(0.01, Safety.LIKELY, "short"),) * len(page.blocks))
    assert len(list(unlikely_line.check(page, Options()))) == 3


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    model = load()
    model.save(tmp_path / "again.npz")
    again = load(str(tmp_path / "again.npz"))
    rows = features(document(PAGE), model.words)
    assert again.words == model.words
    assert (again.probability(rows) == model.probability(rows)).all()


def test_a_file_that_is_no_model_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "model.npz").write_text("not a model")
    with pytest.raises(ConfigError, match=r"dedupe\.lines\.train"):
        dedupe.clean(PAGE, options={"LAY090": {"model": str(tmp_path / "model.npz")}})
    with pytest.raises(ConfigError, match=r"dedupe\.lines\.train"):
        dedupe.clean(PAGE, options={"LAY090": {"model": str(tmp_path / "missing.npz")}})


def test_labels_by_the_article_that_a_person_marked() -> None:
    gold = "\n".join(line for line, label in zip(PAGE.splitlines(), LABELS, strict=True) if label == "1")
    assert by_gold(document(PAGE).blocks, gold) == [label == "1" for label in LABELS]


def test_a_short_line_is_article_only_beside_the_article() -> None:
    text = "Weather\nHome\nThe storm took the roof of the old mill on Monday.\nWeather\nIt will rain on."
    gold = "The storm took the roof of the old mill on Monday.\nWeather\nIt will rain on."
    assert by_gold(document(text).blocks, gold) == [False, False, True, True, True]


def test_labels_by_line_and_by_segment() -> None:
    page = document("Home\n\nThe mill burned down.\nThe mill")
    assert by_line_labels(page, "0T10") == [False, True, False]
    assert by_segments(page, ["mill burned"], ["Home"]) == [False, True, None]


def test_extractors_vote_on_the_lines_of_a_whole_page() -> None:
    page = document(PAGE)
    article = "\n".join(PAGE.splitlines()[5:8])
    head = "\n".join(PAGE.splitlines()[3:8])
    votes = by_votes(page, [article, article, head, head])
    assert votes == [False] * 3 + [None] * 2 + [True] * 3 + [False] * 4
    assert by_votes(page, [article, head]) == [None] * len(page.blocks)


def test_training_gives_the_same_weights_again(tmp_path: Path) -> None:
    pytest.importorskip("catboost", reason="the extra `train` is not installed")
    records = [
        {"id": str(n), "site": f"paper{n}.example", "text": PAGE.replace("Arvelle", f"Town {n}"), "line_labels": LABELS}
        for n in range(12)
    ]
    (tmp_path / "pages.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (tmp_path / "clean.jsonl").write_text(
        "".join(json.dumps({"id": f"c{n}", "text": "\n".join(PAGE.splitlines()[5:8])}) + "\n" for n in range(12))
    )
    for name in ("one", "two"):
        command = [sys.executable, "-m", "dedupe.lines.train", "pages.jsonl=0.5", "--clean", "clean.jsonl"]
        subprocess.run([*command, "-o", f"{name}.npz", "--folds", f"{name}"], cwd=tmp_path, check=True)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    folds = [set((tmp_path / "one" / f"{n}.txt").read_text().split()) for n in range(5)]
    assert sum(map(len, folds)) == 24
    assert set().union(*folds) == {record["id"] for record in records} | {f"c{n}" for n in range(12)}


def test_the_marker_of_a_list_goes_with_its_line() -> None:
    page = segment(Article("* Home\n  - Sport\nA ferry sails."))
    page = replace(page, line_scores=(LineScore(0.01, Safety.LIKELY, "short"),) * len(page.blocks))
    cut = [edit.before for finding in unlikely_line.check(page, Options()) for edit in finding.edits]
    assert cut == ["* Home", "- Sport", "A ferry sails."]
