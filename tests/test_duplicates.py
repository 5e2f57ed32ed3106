"""The same story in many articles: what is found, what is proved, and who stays, whatever the order and the workers."""

from __future__ import annotations

import gzip
import json
import random
import re
import tempfile
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shell import Shell
from shell import shell as shell
from stories import RECORDS, lines, story, text, written

from dedupe.corpus.bands import agreement, band_keys, bands_for, candidate_pairs
from dedupe.corpus.cluster import Edge, star_cover
from dedupe.corpus.collection import Collection, summary
from dedupe.corpus.duplicates import all_pairs, find
from dedupe.corpus.groups import Known, groups, keeper_order
from dedupe.corpus.shingles import words
from dedupe.corpus.sketch import numbers, sketch, when
from dedupe.corpus.verify import Kind, Likeness, Terms
from dedupe.model import Article
from dedupe.parallel import WorkerError, Workers

NEAR = Likeness(Kind.NEAR, 0.85, 0.9, False)
INSIDE = Likeness(Kind.CONTAINED, 0.4, 1.0, False)


def collected(articles: Sequence[Article], terms: Terms, folder: str, batch: int = 7) -> Collection:
    bands = bands_for(terms.threshold)
    parts = [articles[at : at + batch] for at in range(0, len(articles), batch)]
    return Collection(summary(sketch(part), bands, Path(folder, f"{i}")) for i, part in enumerate(parts))


Pairs = dict[frozenset[str], tuple[str, float]]


def searched(articles: Sequence[Article], terms: Terms | None = None) -> tuple[Pairs, dict[str, str]]:
    """The pairs with their kind and Jaccard, and each duplicate's keeper."""
    terms = terms or Terms()
    with tempfile.TemporaryDirectory() as folder, Workers(1) as workers:
        collection = collected(articles, terms, folder)
        ids, order = collection.ids, keeper_order(collection)
        found = find(collection, order, terms, workers)
        pairs = {
            frozenset((ids[edge.a], ids[edge.b])): (edge.likeness.kind.value, edge.likeness.jaccard)
            for edge in all_pairs(found, collection)
        }
        chosen = groups(found, order, Known(len(collection), {}))
    return pairs, {ids[article]: ids[group.keeper] for group in chosen for article, _ in group.members}


def shingles_of(article: Article) -> set[tuple[str, ...]]:
    found = words(article.text)
    return {tuple(found[at : at + 5]) for at in range(len(found) - 4)}


def slowly(articles: Sequence[Article], terms: Terms) -> Pairs:
    """All pairs by sets of shingles, each with each."""
    sets = {article.id or "": shingles_of(article) for article in articles}
    found: Pairs = {}
    for (a, left), (b, right) in combinations(sets.items(), 2):
        common = len(left & right)
        if not common:
            continue
        jaccard = common / len(left | right)
        if jaccard >= terms.threshold:
            found[frozenset((a, b))] = ("same" if jaccard == 1 else "near", jaccard)
        elif common / min(len(left), len(right)) >= terms.containment and common >= terms.passage:
            found[frozenset((a, b))] = ("contained", jaccard)
    return found


@st.composite
def corpora(draw: st.DrawFn) -> list[Article]:
    """Stories with copies, changed copies, shortened and extended ones, and texts that are hardly any."""
    articles = []
    for number in range(draw(st.integers(2, 14))):
        base = story(draw(st.integers(0, 3)), draw(st.sampled_from([9, 60, 200])))
        change = draw(st.sampled_from(["copy", "words", "cut", "longer", "short", "blank"]))
        if change == "words":
            for place in draw(st.lists(st.integers(0, len(base) - 1), max_size=3)):
                base[place] = "other"
        elif change == "cut":
            base = base[: draw(st.integers(5, len(base)))]
        elif change == "longer":
            base = [*story(50 + number, 80), *base, *story(90 + number, 30)]
        elif change == "short":
            base = base[:3]
        elif change == "blank":
            base = []
        day = draw(st.sampled_from([None, "2026-03-01", "2026-03-02T10:00:00Z"]))
        articles.append(Article(" ".join(base) or " ", id=f"a{number}", published=day))
    return articles


@settings(deadline=None, max_examples=40)
@given(corpora(), st.sampled_from([0.55, 0.8]))
def test_finds_what_comparing_each_with_each_finds(articles: list[Article], threshold: float) -> None:
    terms = Terms(threshold)
    found, _ = searched(articles, terms)
    wanted = slowly(articles, terms)
    same = {pair for pair, (kind, _) in wanted.items() if kind == "same"}
    for pair in wanted.keys() - same:
        assert found[pair] == (wanted[pair][0], pytest.approx(wanted[pair][1]))
    assert {pair for pair, (kind, _) in found.items() if kind == "same"} <= same
    assert {pair for pair, (kind, _) in found.items() if kind not in ("same", "short")} == wanted.keys() - same


@settings(deadline=None, max_examples=40)
@given(corpora(), st.randoms())
def test_order_changes_nothing_and_groups_have_no_fault(articles: list[Article], chance: random.Random) -> None:
    pairs, keepers = searched(articles)
    shuffled = list(articles)
    chance.shuffle(shuffled)
    again, keepers_again = searched(shuffled)
    assert keepers == keepers_again
    one_way = ("same", "short")  # chains, of which another link may be written
    assert {pair for pair, (kind, _) in pairs.items() if kind not in one_way} == {
        pair for pair, (kind, _) in again.items() if kind not in one_way
    }
    assert not keepers.keys() & set(keepers.values()), "a keeper is a duplicate"
    near = slowly(articles, Terms())
    for member, keeper in keepers.items():
        assert frozenset((member, keeper)) in near, "a duplicate was never compared with the copy that stays"


def test_a_chain_takes_no_stranger() -> None:
    assert star_cover([0, 1, 2], [Edge(0, 1, NEAR), Edge(1, 2, NEAR)], {}).keys() == {1}


def test_the_longer_article_is_no_duplicate_of_the_passage_in_it() -> None:
    assert star_cover([0, 1], [Edge(0, 1, INSIDE)], {}) == {}
    assert star_cover([1, 0], [Edge(0, 1, INSIDE)], {})[0].keeper == 1


def test_a_known_keeper_stays_and_a_known_duplicate_keeps_nobody() -> None:
    assert star_cover([0, 1], [Edge(0, 1, NEAR)], {1: True})[0].keeper == 1
    assert star_cover([0, 1], [Edge(0, 1, NEAR)], {0: False}) == {}


def test_fifty_thousand_copies_cost_no_billion_pairs() -> None:
    articles = [Article(text(1, 30), id=f"c{number}") for number in range(50_000)]
    with tempfile.TemporaryDirectory() as folder, Workers(1) as workers:
        collection = collected(articles, Terms(), folder, batch=5_000)
        order = keeper_order(collection)
        found = find(collection, order, Terms(), workers)
        pairs = list(all_pairs(found, collection))
        chosen = groups(found, order, Known(len(collection), {}))
    assert len(pairs) == 49_999
    assert len(chosen) == 1 and len(chosen[0].members) == 49_999


@pytest.mark.parametrize("threshold", [0.5, 0.55, 0.7, 0.8, 0.9, 0.95])
def test_bands_find_what_they_promise(threshold: float) -> None:
    bands = bands_for(threshold)
    assert bands.number * bands.rows <= 128
    assert agreement(threshold, bands.number, bands.rows) == bands.recall >= 0.9995
    longer = bands.rows + 1
    assert agreement(threshold, 128 // longer, longer) < 0.9995, "longer bands would do"
    chance = np.random.default_rng(5)
    left = chance.integers(0, 2**32, (4_000, 128), dtype=np.uint32)
    other = chance.integers(0, 2**32, left.shape, dtype=np.uint32)
    right = np.where(chance.random(left.shape) < threshold, left, other)
    alike = (band_keys(left, bands) == band_keys(right, bands)).any(axis=1)
    assert alike.mean() >= 0.998


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), max_size=12))
def test_candidate_pairs_are_given_once(rows: list[list[int]]) -> None:
    keys = np.array(rows, np.uint64).reshape(-1, 3)
    found = [tuple(pair) for pairs in candidate_pairs(keys) for pair in pairs.tolist()]
    wanted = {(a, b) for a, b in combinations(range(len(keys)), 2) if (keys[a] == keys[b]).any()}
    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize(
    ("published", "seconds"),
    [
        ("2026-03-02T10:00:00Z", 1772445600),
        ("2026-03-02 11:00:00+01:00", 1772445600),
        ("2026-03-02T10:00", 1772445600),
        ("2026-03-02T06:30:00-0330", 1772445600),
        ("2026-03-02T06:30:00-99:30", None),
        ("2026-03-02", 1772409600),
        ("Mon, 02 Mar 2026 10:00:00 GMT", 1772445600),
        ("last Monday", None),
        ("2026-13-45", None),
        ("", None),
    ],
)
def test_dates(published: str, seconds: int | None) -> None:
    found = when(published)
    assert np.isnan(found) if seconds is None else found == seconds


@given(st.text(st.sampled_from("0 1.a٣९，９𝟗é—中\ud800"), max_size=60))
def test_numbers_are_runs_of_digits(text: str) -> None:
    runs = re.findall(r"\d{1,18}", text)
    assert numbers(text).tolist() == sorted({int(run) & 0xFFFFFFFF for run in runs})


def test_numbers_in_all_scripts() -> None:
    assert numbers("12 boats, 3.5 km, ١٢ boats, Boeing 737").tolist() == [3, 5, 12, 737]


def test_command(dedupe: Shell, tmp_path: Path) -> None:
    source = written(tmp_path / "news.jsonl", RECORDS)
    done = dedupe("duplicates", str(source), "-o", "g.jsonl", "--pairs", "p.jsonl")
    assert done.code == 0, done.err
    assert "9 articles; 3 duplicates in 2 groups; in 1 of them the numbers differ; 2 without text" in done.err
    found = {group["keeper"]: group["members"] for group in lines(tmp_path / "g.jsonl")}
    assert {keeper: [member["id"] for member in members] for keeper, members in found.items()} == {
        "early": ["copy", "late"],
        "rain-1": ["rain-2"],
    }
    assert [member["kind"] for member in found["early"]] == ["same", "near"]
    assert found["rain-1"][0]["numbers_differ"] is True
    pairs = {(pair["a"], pair["b"]): pair for pair in lines(tmp_path / "p.jsonl")}
    assert pairs["early", "story"]["kind"] == "contained"
    start, end = pairs["early", "story"]["spans"][1]
    assert RECORDS[3]["text"][start:end] == text(1).removesuffix(".")
    assert pairs["video", "video-2"]["kind"] == "short" and pairs["video", "video-2"]["jaccard"] == 0
    assert not any("blank" in name for pair in pairs for name in pair)


def test_command_is_the_same_in_any_order_and_with_any_number_of_workers(dedupe: Shell, tmp_path: Path) -> None:
    outputs = []
    for turn, (records, jobs) in enumerate([(RECORDS, "1"), (RECORDS[::-1], "1"), (RECORDS, "2")]):
        source = written(tmp_path / f"{turn}.jsonl", records)
        done = dedupe("duplicates", str(source), "--pairs", f"{turn}.p", "--jobs", jobs)
        assert done.code == 0, done.err
        pairs = [pair for pair in lines(tmp_path / f"{turn}.p") if pair["kind"] != "short"]
        outputs.append((done.out, pairs))
    assert outputs[0] == outputs[1] == outputs[2]


def test_who_stays(dedupe: Shell, tmp_path: Path) -> None:
    source = written(tmp_path / "news.jsonl", RECORDS)

    def keeper(*options: str) -> str:
        return str(json.loads(dedupe("duplicates", str(source), *options).out.splitlines()[0])["keeper"])

    assert keeper() == "early"
    assert keeper("--keep", "longest") == "story"
    assert keeper("--keep", "first") == "late"
    assert keeper("--prefer", "c.example") == "copy"
    assert "did you mean 'longest'" in dedupe("duplicates", str(source), "--keep", "longst").err


def test_mark_and_drop(dedupe: Shell, tmp_path: Path) -> None:
    source, out = written(tmp_path / "news.jsonl", RECORDS), tmp_path / "out.jsonl"
    assert dedupe("duplicates", str(source), "--articles", str(out)).code == 0
    marked = {record["id"]: record.get("duplicate_of") for record in lines(out)}
    assert list(marked) == [record["id"] for record in RECORDS]
    assert marked["copy"]["id"] == "early" and marked["copy"]["jaccard"] == 1
    assert {name for name, mark in marked.items() if mark} == {"late", "copy", "rain-2"}

    done = dedupe("duplicates", str(source), "--articles", str(out), "--drop")
    assert "2 left out" in done.err
    kept, gone = lines(out), lines(Path(f"{out}.dropped.jsonl"))
    assert [record["id"] for record in gone] == ["late", "copy"]
    assert {record["id"] for record in kept} == {record["id"] for record in RECORDS} - {"late", "copy"}
    assert "duplicate_of" in next(record for record in kept if record["id"] == "rain-2"), "other numbers stay, marked"

    dedupe("duplicates", str(source), "--articles", str(out), "--drop", "--other-numbers")
    assert "rain-2" not in {record["id"] for record in lines(out)}


def test_standard_input_compressed_and_text_files(dedupe: Shell, tmp_path: Path) -> None:
    raw = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
    done = dedupe("duplicates", "-", stdin=raw)
    assert json.loads(done.out.splitlines()[0])["keeper"] == "early"
    packed = tmp_path / "news.jsonl.gz"
    packed.write_bytes(gzip.compress(raw))
    assert dedupe("duplicates", str(packed)).out == done.out
    (tmp_path / "one.txt").write_text(text(1))
    (tmp_path / "two.txt").write_text(text(1))
    assert "--articles needs .jsonl" in dedupe("duplicates", "one.txt", "two.txt", "--articles", "out.jsonl").err
    assert not (tmp_path / "out.jsonl").exists()
    told = dedupe("duplicates", "one.txt", "two.txt")
    assert json.loads(told.out) == {
        "keeper": "one.txt",
        "members": [{"id": "two.txt", "kind": "same", "jaccard": 1.0, "containment": 1.0, "numbers_differ": False}],
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--threshold", "0"], "--threshold must be from 0.2 to 1"),
        (["--containment", "2"], "--containment must be from 0.2 to 1"),
        (["--passage", "0"], "--passage must be at least 1"),
        (["--jobs", "0"], "--jobs must be at least 1"),
        (["--drop"], "--drop needs --articles OUT"),
        (["--other-numbers"], "--other-numbers goes with --drop"),
        (["--add"], "--add needs --index"),
        (["--index", "missing.db"], "missing.db"),
        (["--text-field", "nothing"], "no record of"),
    ],
)
def test_wrong_use_is_told(dedupe: Shell, tmp_path: Path, options: list[str], message: str) -> None:
    source = written(tmp_path / "news.jsonl", RECORDS)
    done = dedupe("duplicates", str(source), *options)
    assert done.code == 2 and message in done.err and not done.out


def test_a_broken_line_is_told_and_the_rest_goes_on(dedupe: Shell, tmp_path: Path) -> None:
    source = written(tmp_path / "news.jsonl", RECORDS)
    source.write_text("{broken\n" + source.read_text())
    done = dedupe("duplicates", str(source))
    assert done.code == 3 and "1 rejected" in done.err and "line 1: broken JSON" in done.err
    assert json.loads(done.out.splitlines()[0])["keeper"] == "early"


def test_doubled_ids_are_told_apart(dedupe: Shell, tmp_path: Path) -> None:
    source = written(tmp_path / "news.jsonl", [RECORDS[1], RECORDS[1], RECORDS[4]])
    done = dedupe("duplicates", "news.jsonl")
    assert "1 with an id that another has" in done.err
    assert json.loads(done.out)["members"][0]["id"] == "early (news.jsonl:2)"
    assert dedupe("index", "add", "seen.db", str(source)).code == 0
    assert "3 there already" in dedupe("index", "add", "seen.db", str(source)).err


def killed(_: None, task: int) -> int:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
    return task


def test_a_killed_worker_is_told() -> None:
    with Workers(2) as workers, pytest.raises(WorkerError, match="fewer --jobs"):
        list(workers.map(killed, range(4)))
