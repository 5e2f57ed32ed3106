"""The index: what was seen in earlier runs comes back, keepers stay, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import Shell
from shell import shell as shell
from stories import RECORDS, lines, story, text, written

from dedupe.corpus.index import Index
from dedupe.errors import InputError
from dedupe.model import Article

OLD = [
    Article(text(1), id="one", site="a.example", published="2026-03-01"),
    Article(text(2), id="two", site="a.example"),
    Article(f"{text(4)} {text(3, 60)} {text(5)}", id="long"),
]


def kinds(index: Index, article: Article) -> list[tuple[str, float]]:
    return [(neighbour.article_id, round(neighbour.jaccard, 2)) for neighbour in index.neighbours([article])[0]]


@pytest.fixture(params=["sqlite", "redis"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An index of the old articles, in a file and in a real Redis."""
    address = str(tmp_path / "seen.db")
    if request.param == "redis":
        address = f"{request.getfixturevalue('server')}?name={uuid.uuid4().hex}"
    with Index(address, create=True) as index:
        index.add(OLD)
        yield index


def test_neighbours(index: Index) -> None:
    assert kinds(index, Article(text(1), id="new")) == [("one", 1.0)]
    assert kinds(index, Article(text(1) + " Again.", id="new")) == [("one", 0.99)]
    assert kinds(index, Article(text(3, 60), id="new")) == [("long", 0.19)]
    assert kinds(index, Article(text(9), id="new")) == []
    near = index.neighbours([Article(f"Varn. {text(3, 60)}", id="new")])[0][0]
    assert near.inside and near.span == (6, 6 + len(text(3, 60)) - 1) and near.containment > 0.9
    assert index.neighbours([Article(text(2), id="x")])[0][0].site == "a.example"


def test_an_article_is_never_its_own_neighbour(index: Index) -> None:
    assert kinds(index, Article(text(1), id="one")) == []


def test_blank_and_short_texts_have_no_neighbours(index: Index) -> None:
    index.add([Article("", id="blank"), Article("Watch the video", id="short")])
    assert kinds(index, Article("", id="b")) == kinds(index, Article("Watch the video", id="c")) == []


def test_adding_again_changes_nothing(index: Index) -> None:
    before = index.info()
    assert index.add(OLD) == (0, 0, 3, 0)
    assert {name: value for name, value in index.info().items() if name != "bytes"} == {
        name: value for name, value in before.items() if name != "bytes"
    }


def test_a_changed_article_replaces_the_old_one(index: Index) -> None:
    assert index.add([Article(text(6), id="one")]) == (0, 1, 0, 0)
    assert kinds(index, Article(text(1), id="new")) == []
    assert kinds(index, Article(text(6), id="new")) == [("one", 1.0)]


def test_a_keeper_stays_one_until_rebuild(index: Index) -> None:
    earlier = Article(text(1) + " Earlier.", id="zero", published="2026-02-01")
    assert index.add([earlier]).duplicates == 1
    assert index.info()["keepers"] == 3
    index.rebuild()
    assert index.info()["keepers"] == 3
    index.remove(["one"])
    assert index.info() | {"bytes": 0} == index.info() | {"articles": 3, "keepers": 3, "bytes": 0}


def test_the_copies_of_a_removed_keeper_become_keepers(index: Index) -> None:
    index.add([Article(text(1), id="copy")])
    assert index.info()["keepers"] == 3
    assert index.remove(["one", "unknown"]) == 1
    assert index.info()["keepers"] == 3 and kinds(index, Article(text(1), id="new")) == [("copy", 1.0)]


def test_of_equal_articles_one_answers_as_long_as_there_is_one(index: Index) -> None:
    index.add([Article(text(1), id=f"copy-{number}") for number in range(300)])
    index.add([Article(text(1), id="late")])
    assert kinds(index, Article(text(1), id="new")) == [("one", 1.0)]
    index.remove(["one"])
    found = kinds(index, Article(text(1), id="new"))
    assert len(found) == 1 and found[0][1] == 1 and index.info()["keepers"] == 3
    index.add([Article(text(9), id=found[0][0])])
    again = kinds(index, Article(text(1), id="new"))
    assert len(again) == 1 and again[0][0] != found[0][0], "the article has another text now, its copies still answer"
    index.rebuild()
    assert len(kinds(index, Article(text(1), id="new"))) == 1


def test_merge(index: Index, tmp_path: Path) -> None:
    with Index(tmp_path / "other.db", create=True) as other:
        other.add([Article(text(1), id="copy"), Article(text(8), id="eight"), OLD[1]])
        assert index.merge(other) == (2, 0, 1, 1)
        assert other.info()["articles"] == 3
        other.add([Article("Watch the video", id="short"), Article("", id="blank")])
        index.merge(other)
    again = [Article("Watch the video", id="short"), Article("", id="blank"), Article(text(8), id="eight")]
    assert index.add(again) == (0, 0, 3, 0), "what came from another index is known as if it had been added here"
    assert kinds(index, Article(text(8), id="new")) == [("eight", 1.0)]


def test_batches_and_one_by_one_give_the_same(tmp_path: Path) -> None:
    articles = [Article(text(seed % 5) + f" Word{seed % 3}.", id=f"a{seed}") for seed in range(15)]
    with Index(tmp_path / "a.db", create=True) as whole, Index(tmp_path / "b.db", create=True) as single:
        whole.add(articles)
        for article in articles:
            single.add([article])
        new = [Article(text(seed), id=f"n{seed}") for seed in range(6)]
        found = whole.neighbours(new)
        assert found == [whole.neighbours([one])[0] for one in new]
        alone = single.neighbours(new)  # which of them stays depends on which came first
        assert [[n._replace(keeps=True) for n in near] for near in found] == [
            [n._replace(keeps=True) for n in near] for near in alone
        ]


@pytest.mark.parametrize("threshold", [0.5, 0.69])
def test_a_threshold_below_the_floor_is_refused(index: Index, threshold: float) -> None:
    with pytest.raises(InputError, match="--floor"):
        index.check(threshold)


def test_other_parameters_are_refused(tmp_path: Path) -> None:
    Index(tmp_path / "seen.db", create=True).close()
    with pytest.raises(InputError, match=r"was made with floor 0\.7"):
        Index(tmp_path / "seen.db", create=True, floor=0.5)
    with sqlite3.connect(tmp_path / "seen.db") as raw:
        raw.execute("UPDATE header SET value = 7 WHERE name = 'shingle'")
    raw.close()
    with pytest.raises(InputError, match=r"shingle 7 \(here 5\); make a new index"):
        Index(tmp_path / "seen.db")


def test_commands(dedupe: Shell, tmp_path: Path) -> None:
    source = written(tmp_path / "news.jsonl", RECORDS)
    assert "9 new, 0 changed (3 of these are duplicates)" in dedupe("index", "add", "seen.db", str(source)).err
    assert "9 there already" in dedupe("index", "add", "seen.db", str(source)).err
    told = dedupe("index", "info", "seen.db").out.decode()
    assert "articles   9" in told and "keepers    6" in told
    assert "1 of 2 removed" in dedupe("index", "remove", "seen.db", "other", "nobody").err
    assert "4 keepers" in dedupe("index", "rebuild", "seen.db", "--keep", "longest").err
    assert "there already" in dedupe("index", "merge", "seen.db", "seen.db").err
    assert dedupe("index", "info", "missing.db").code == 2
    assert dedupe("index", "add", "news.jsonl", str(source)).code == 2, "a file that is no index is not written to"


def test_duplicates_with_an_index(dedupe: Shell, tmp_path: Path) -> None:
    first, second = written(tmp_path / "1.jsonl", RECORDS[:2]), written(tmp_path / "2.jsonl", RECORDS[2:])
    assert dedupe("duplicates", str(first), "--index", "seen.db", "--add").code == 0
    before = (tmp_path / "seen.db").read_bytes()
    done = dedupe("duplicates", str(second), "--index", "seen.db", "--pairs", "p.jsonl")
    found = {group["keeper"]: [m["id"] for m in group["members"]] for group in map(json.loads, done.out.splitlines())}
    assert found == {"early": ["copy"], "rain-1": ["rain-2"]}
    pairs = {(pair["a"], pair["b"]) for pair in lines(tmp_path / "p.jsonl")}
    assert {("early", "copy"), ("copy", "late")} <= pairs, "an old duplicate is compared too, and comes after"
    assert (tmp_path / "seen.db").read_bytes() == before, "an index is only read unless told --add"
    assert "--floor 0.5" in dedupe("duplicates", str(second), "--index", "seen.db", "--threshold", "0.5").err


def test_clean_reports_and_drops_and_undo_brings_back(dedupe: Shell, tmp_path: Path) -> None:
    first, second = written(tmp_path / "1.jsonl", RECORDS[:6]), written(tmp_path / "2.jsonl", RECORDS[2:])
    dedupe("index", "add", "seen.db", str(first))
    done = dedupe("clean", str(second), "--index", "seen.db", "-o", "c.jsonl", "--report", "plan.jsonl")
    assert done.code == 0 and len(lines(tmp_path / "c.jsonl")) == len(RECORDS) - 2
    found = {plan["article"]: [f["code"] for f in plan["findings"]] for plan in lines(tmp_path / "plan.jsonl")}
    assert found["rain-2"] == ["DUP002"] and found["rain-1"] == [] and found["story"] == ["DUP003"] * 2

    again = written(tmp_path / "3.jsonl", [{**record, "id": f"new {record['id']}"} for record in RECORDS])
    done = dedupe("clean", str(again), "--index", "seen.db", "--drop", "-o", "d.jsonl", "--report", "plan.jsonl")
    kept = {record["id"] for record in lines(tmp_path / "d.jsonl")}
    assert kept == {"new rain-2", "new video", "new video-2", "new blank", "new blank-2"}, done.err
    assert dedupe("undo", "d.jsonl", "--report", "plan.jsonl", "-o", "back.jsonl").code == 0
    assert (tmp_path / "back.jsonl").read_bytes() == again.read_bytes()
    assert "--report FILE.jsonl" in dedupe("clean", str(again), "--index", "seen.db", "--drop").err


def test_nothing_is_dropped_for_the_sake_of_a_duplicate(dedupe: Shell, tmp_path: Path) -> None:
    words = story(1, 200)
    chain = [words]
    for places in ((20, 60, 100), (40, 80, 120)):
        chain.append([f"{word}x" if place in places else word for place, word in enumerate(chain[-1])])
    first, second, third = (
        {"id": name, "text": " ".join(words), "published": f"2026-03-0{day}"}
        for day, (name, words) in enumerate(zip("abc", chain, strict=True), 1)
    )
    assert dedupe("index", "add", "seen.db", str(written(tmp_path / "1.jsonl", [first, second]))).code == 0
    with Index(tmp_path / "seen.db") as index:
        found = index.neighbours([Article(third["text"], id="c")])[0]
    assert [(near.article_id, near.keeps, near.jaccard >= 0.8) for near in found] == [
        ("b", False, True),
        ("a", True, False),
    ]
    source = written(tmp_path / "2.jsonl", [third, {**second, "id": "b again"}])
    done = dedupe("clean", str(source), "--index", "seen.db", "--drop", "-o", "out.jsonl", "--report", "plan.jsonl")
    assert [record["id"] for record in lines(tmp_path / "out.jsonl")] == ["c"], done.err


def test_clean_adds_when_told(dedupe: Shell, tmp_path: Path) -> None:
    source = written(tmp_path / "1.jsonl", RECORDS)
    done = dedupe("clean", str(source), "--index", "seen.db", "--add", "-o", "c.jsonl")
    assert "9 new" in done.err and "DUP" not in done.err
    assert dedupe("clean", "-", "--index", "seen.db", "--add", stdin=b"{}").code == 2


SCRIPT = """
import sys
from dedupe.corpus.index import Index
from dedupe.model import Article
from stories import text
with Index(sys.argv[1], create=True) as index:
    for number in range(int(sys.argv[3])):
        name = f"{sys.argv[2]}-{number}"
        seed = number * 1000 + int(sys.argv[2]) * 10
        index.add([Article(text(seed + i), id=f"{name}-{i}") for i in range(5)])
        print(number, flush=True)
"""


def adding(path: Path, name: int, count: int) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "TMPDIR": str(path.parent),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    command = [sys.executable, "-c", SCRIPT, str(path), str(name), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_kill_nine_loses_nothing_that_was_reported(tmp_path: Path) -> None:
    path = tmp_path / "seen.db"
    reported = []
    for turn in range(8):
        process = adding(path, turn, 1_000)
        assert process.stdout
        reported += [(turn, int(process.stdout.readline())) for _ in range(2 + turn)]
        time.sleep(0.01 * turn)
        process.kill()
        reported += [(turn, int(line)) for line in process.stdout.read().splitlines() if line]
        process.wait()
        process.stdout.close()
    with Index(path) as index:
        assert index.info()["articles"] % 5 == 0, "half of a batch was added"
        ids = [f"{turn}-{number}-{place}" for turn, number in reported for place in range(5)]
        assert (index._store.rows(ids) >= 0).all()
        for turn, number in reported[:: max(1, len(reported) // 10)]:
            found = index.neighbours([Article(text(number * 1000 + turn * 10), id="new")])[0]
            assert found[0].article_id == f"{turn}-{number}-0"
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    processes = [adding(tmp_path / "seen.db", name, 10) for name in (1, 2)]
    for process in processes:
        told = process.communicate(timeout=60)[0].splitlines()
        assert process.returncode == 0, "it ended in an error"
        assert len(told) == 10
    with Index(tmp_path / "seen.db") as index:
        assert index.info()["articles"] == 100
