"""`dedupe review`: what it reads and writes, what it refuses, and a run in a real terminal."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from session import ARTICLES
from shell import REPEAT, put

from dedupe.cli.clean import clean
from dedupe.cli.review import review
from dedupe.cli.undo import undo
from dedupe.decisions import read
from dedupe.review.session import Session

pytestmark = pytest.mark.usefixtures("in_a_folder")


def put_articles() -> None:
    rows = [{"id": a.id, "n": 1.50, "text": a.text} for a in ARTICLES]
    put("news.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def reviewed(patch: pytest.MonkeyPatch, keys: Callable[[Session], object] | None, **options: Any) -> int:
    """Run the command; instead of a screen the function does what a person would. Without it, Ctrl-C is pressed."""
    pytest.importorskip("textual", reason="the screen needs textual")
    from dedupe.review.screen import Review

    def instead(app: Any) -> bool:
        if keys:
            keys(app.session)
            app._save()
        return keys is not None

    patch.setattr(Review, "run", instead)
    patch.setattr("sys.stdin", Terminal())
    patch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit) as end:
        review(**{"input": "news.jsonl", "ignore": ["LAY090"]} | options)
    assert isinstance(end.value.code, int)
    return end.value.code


class Terminal:
    def isatty(self) -> bool:
        return True


def two_words(state: Session) -> None:
    state.judge("accept")
    state.judge("reject")


def test_it_writes_what_clean_writes_with_the_same_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    put_articles()
    assert reviewed(monkeypatch, two_words, output="out.jsonl", report=["plan.jsonl", "changes.diff"]) == 0
    with pytest.raises(SystemExit):
        clean(
            ["news.jsonl"],
            output="other.jsonl",
            report=["other-plan.jsonl", "other.diff"],
            ignore=["LAY090"],
            decisions=Path("news.jsonl.decisions.jsonl"),
        )
    for mine, other in (
        ("out.jsonl", "other.jsonl"),
        ("plan.jsonl", "other-plan.jsonl"),
        ("changes.diff", "other.diff"),
    ):
        assert Path(mine).read_bytes() == Path(other).read_bytes()
    assert [v.verdict for v in read("news.jsonl.decisions.jsonl").numbered] == ["accept", "reject"]
    assert Path("out.jsonl").read_text("utf-8").count(REPEAT) == 2


def test_it_goes_on_and_undoes_only_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_articles()
    reviewed(monkeypatch, two_words)
    assert "dedupe clean news.jsonl --decisions news.jsonl.decisions.jsonl -o OUT" in capsys.readouterr().err

    def more(state: Session) -> None:
        assert state.place.article == 1
        state.judge("accept")
        state.undo()
        assert not state.undo()
        state.judge("reject")

    reviewed(monkeypatch, more)
    assert [v.verdict for v in read("news.jsonl.decisions.jsonl").numbered] == ["accept", "reject", "reject"]


def test_edits_by_hand_are_kept_written_and_undone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_articles()
    before = Path("news.jsonl").read_bytes()
    reviewed(monkeypatch, lambda state: state.edit(state.result(0).text.replace("again", "once more")))
    assert "dedupe review news.jsonl" in capsys.readouterr().err
    assert Path("news.jsonl.decisions.edited.jsonl").is_file()
    assert reviewed(monkeypatch, two_words, output="out.jsonl", report=["plan.jsonl"]) == 0
    rows = [json.loads(row) for row in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["text"].startswith("Ferries sail once more.") and "layers" not in rows[0]["text"]
    assert Path("news.jsonl").read_bytes() == before
    with pytest.raises(SystemExit):
        undo("out.jsonl", report="plan.jsonl", output="back.jsonl")
    assert Path("back.jsonl").read_bytes() == before


def test_stopped_it_writes_no_output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    put_articles()
    assert reviewed(monkeypatch, None, output="out.jsonl") == 130
    assert "no output was written" in capsys.readouterr().err
    assert not Path("out.jsonl").exists()


def test_a_plan_says_what_to_look_at_and_at_which_level(monkeypatch: pytest.MonkeyPatch) -> None:
    put_articles()
    with pytest.raises(SystemExit):
        clean(["news.jsonl"], report=["plan.jsonl"], output="x.jsonl", select=["LAY002"], level="safe")
    seen = []

    def look(state: Session) -> None:
        view = state.view()
        assert view
        seen.append((state.place.article, view.decision.finding.code, state.next(), state.result(0).plan.level))

    reviewed(monkeypatch, look, plan="plan.jsonl")
    assert seen == [(1, "LAY002", False, "safe")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"input": "-"}, "name a file"),
        ({"report": ["plan.jsonl"]}, "goes with -o"),
        ({"output": "news.jsonl"}, "would be overwritten"),
        ({"output": "news.txt"}, "is written as .jsonl"),
        ({"output": "no/such.jsonl"}, "does not exist"),
        ({"input": "empty.jsonl"}, "no article"),
        ({"plan": "other.jsonl"}, "another text"),
        ({"decisions": Path("broken.jsonl")}, "broken.jsonl, line 1"),
    ],
)
def test_refused_before_anything_is_shown(
    options: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_articles()
    Path("broken.jsonl").write_text("{", "utf-8")
    Path("empty.jsonl").write_text("\n", "utf-8")
    Path("old").mkdir()
    Path("old/news.jsonl").write_text('{"text": "Rain fell. layers"}\n', "utf-8")
    with pytest.raises(SystemExit):
        clean(["old/news.jsonl"], report=["other.jsonl"], dry_run=False, output="old/out.jsonl")
    capsys.readouterr()
    assert reviewed(monkeypatch, lambda _: pytest.fail("the screen was shown"), **options) == 2
    assert said in capsys.readouterr().err


def test_without_a_terminal_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("textual", reason="the screen needs textual")
    put_articles()
    with pytest.raises(SystemExit) as end:
        review("news.jsonl")
    assert end.value.code == 2
    assert "needs a terminal" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules["dedupe.cli.review"], "find_spec", lambda _: None)
    with pytest.raises(SystemExit):
        review("news.jsonl")
    assert 'pip install "dedupe-news[review]"' in capsys.readouterr().err


# --- a real terminal

COMMAND = "from dedupe.cli.review import review; review('news.jsonl', output='out.jsonl', ignore=['LAY090'])"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("no_color", [False, True])
def test_in_a_real_terminal(no_color: bool, root: Path, tmp_path: Path) -> None:
    pytest.importorskip("textual", reason="the screen needs textual")
    put_articles()
    script = tmp_path / "run.py"
    script.write_text(COMMAND, "utf-8")
    tmux = partial(subprocess.run, capture_output=True, text=True, check=True, encoding="utf-8")
    server = ["tmux", "-L", f"dedupe-{os.getpid()}-{no_color}", "-f", os.devnull]
    settings = f"PYTHONPATH={root} LC_ALL=C.UTF-8{' NO_COLOR=1' if no_color else ''}"
    command = f"env {settings} {sys.executable} {script}; echo end: $?; exec cat"
    tmux([*server, "new-session", "-d", "-s", "r", "-x", "80", "-y", "24", command])

    def screen(*options: str) -> str:
        return tmux([*server, "capture-pane", "-p", "-t", "r", *options]).stdout

    def wait_for(words: str) -> str:
        for _ in range(300):
            if words in (shown := screen()):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{words!r} did not appear:\n{screen()}")

    def press(key: str) -> None:
        tmux([*server, "send-keys", "-t", "r", key])

    try:
        first = wait_for("n/p next/previous")
        assert "[- layers-]" in first and "Finding 1 of 2" in first
        coloured = re.search(r"\x1b\[[\d;]*3[18][\d;]*m\[- layers", screen("-e"))
        assert (coloured is None) is no_color
        press("a")
        wait_for("accepted LAY001")
        press("r")
        wait_for("rejected REP001")
        press("N")
        wait_for("Article 3 of 5")
        press("n")
        assert "تصوير" in wait_for("CAP001")
        press("q")
        wait_for("end: 0")
    finally:
        tmux([*server, "kill-server"])
    assert [v.verdict for v in read("news.jsonl.decisions.jsonl").numbered] == ["accept", "reject"]
    assert Path("out.jsonl").read_text("utf-8").count(REPEAT) == 2
