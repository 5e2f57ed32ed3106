"""`undo`, `scan`, `rules`; what every command refuses, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shell import ARTICLE, CLEAN, DIRTY, REPEAT, Shell, jsonl, names, put
from shell import shell as shell

from dedupe import __version__

# --- undo


def test_undo_refuses_what_was_edited(dedupe: Shell) -> None:
    put("a.txt", ARTICLE)
    put("a.jsonl", jsonl(DIRTY, CLEAN, DIRTY))
    for name, old, new in (("a.txt", "lorries", "wagons"), ("a.jsonl", "bridge", "tunnel")):
        dedupe("clean", name, "-o", f"o-{name}", "--report", "p.jsonl")
        put(f"o-{name}", Path(f"o-{name}").read_bytes().replace(old.encode(), new.encode()))
        code, out, err = dedupe("undo", f"o-{name}", "--report", "p.jsonl", "-o", "back")
        assert (code, out) == (2, b"")
        assert "edited after it was cleaned" in err
        assert not Path("back").exists()
    assert "3 records of o-a.jsonl cannot be undone" in err
    put("a.jsonl", jsonl(DIRTY))
    dedupe("clean", "a.jsonl", "-o", "o-a.jsonl", "--report", "p.jsonl")
    put("o-a.jsonl", jsonl(REPEAT))
    assert "1 record of o-a.jsonl cannot be undone" in dedupe("undo", "o-a.jsonl", "--report", "p.jsonl").err


@pytest.mark.parametrize("damage", ["not json", '{"article": 1}', "[]"])
def test_undo_refuses_a_damaged_plan(dedupe: Shell, damage: str) -> None:
    put("a.jsonl", jsonl(DIRTY, DIRTY))
    dedupe("clean", "a.jsonl", "-o", "o.jsonl", "--report", "p.jsonl")
    put("p.jsonl", Path("p.jsonl").read_text().splitlines(keepends=True)[0] + damage)
    code, out, err = dedupe("undo", "o.jsonl", "--report", "p.jsonl")
    assert (code, out) == (2, b"")
    assert "p.jsonl, line 2" in err


def test_undo_refuses_lines_that_are_missing(dedupe: Shell) -> None:
    put("a.jsonl", f"{jsonl(DIRTY)}{{broken\n{jsonl(DIRTY, CLEAN)}")
    dedupe("clean", "a.jsonl", "-o", "o.jsonl", "--report", "p.jsonl")
    Path("o.jsonl.rejects.jsonl").rename("elsewhere.jsonl")
    code, out, err = dedupe("undo", "o.jsonl", "--report", "p.jsonl")
    assert (code, out) == (2, b"")
    assert ".rejects.jsonl" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("missing.txt", "--report", "p.jsonl"), "missing.txt does not exist"),
        (("a.txt", "--report", "missing.jsonl"), "cannot read missing.jsonl"),
        (("a.txt", "--report", "p.jsonl", "-o", "a.txt"), "is an input"),
        (("a.txt", "--report", "p.jsonl", "-o", "p.jsonl"), "is written as"),
        (("b.txt", "--report", "empty.jsonl"), "no article"),
    ],
)
def test_undo_refuses(dedupe: Shell, arguments: tuple[str, ...], says: str) -> None:
    for name in ("a.txt", "b.txt"):
        put(name, DIRTY)
    put("empty.jsonl", "")
    dedupe("clean", "a.txt", "--report", "p.jsonl")
    code, out, err = dedupe("undo", *arguments)
    assert (code, out) == (2, b"")
    assert says in err


def test_undo_of_the_original_changes_nothing(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    dedupe("clean", "a.txt", "--report", "p.jsonl")
    code, out, err = dedupe("undo", "a.txt", "--report", "p.jsonl")
    assert (code, out) == (0, DIRTY.encode())
    assert err == "nothing to undo: a.txt holds no change of this plan\n"


def test_undo_says_what_it_did(dedupe: Shell) -> None:
    put("a.jsonl", f"{jsonl(DIRTY, CLEAN, DIRTY)}{{broken\n")
    dedupe("clean", "a.jsonl", "-o", "o.jsonl", "--report", "p.jsonl")
    assert dedupe("undo", "o.jsonl", "--report", "p.jsonl", "-o", "b.jsonl").err == "3 records restored to b.jsonl\n"
    put("a.txt", DIRTY)
    dedupe("clean", "a.txt", "-o", "o.txt", "--report", "p.jsonl")
    assert dedupe("undo", "o.txt", "--report", "p.jsonl").err == "1 record restored to standard output\n"


def test_undo_with_the_plan_of_a_later_run_names_the_original(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    dedupe("clean", "a.txt", "--in-place")
    dedupe("clean", "a.txt", "--report", "p.jsonl")
    assert "a.txt.orig is the original" in dedupe("undo", "a.txt", "--report", "p.jsonl").err


def test_undo_of_a_file_that_is_in_no_plan(dedupe: Shell) -> None:
    for name in ("de.txt", "en.txt", "fr.txt"):
        put(name, DIRTY)
    dedupe("clean", "de.txt", "en.txt", "-o", "out", "--report", "p.jsonl")
    code, out, err = dedupe("undo", "fr.txt", "--report", "p.jsonl")
    assert (code, out) == (2, b"")
    assert "fr.txt is not in this plan; it holds de.txt, en.txt" in err


# --- scan


def test_scan_reports_in_three_formats(dedupe: Shell) -> None:
    put("a.txt", f"Ferries sail.\n{DIRTY}")
    put("b.jsonl", f"\n{jsonl(DIRTY)}")
    code, out, err = dedupe("scan", "a.txt", "b.jsonl")
    assert code == 1
    first, line, carets, second = out.decode().splitlines()[:4]
    assert first.startswith("a.txt:2:27: LAY001 ")
    assert line == f"    {DIRTY.strip()}"
    assert carets == f"    {' ' * 26}^^^^^^"
    assert second.startswith("b.jsonl:2:27: LAY001 ")
    assert "2 records: 2 would change" in err
    found = json.loads(dedupe("scan", "a.txt", "b.jsonl", "--format", "json").out)
    assert [(f["file"], f["line"], f["column"], f["article"]) for f in found] == [
        ("a.txt", 2, 27, None),
        ("b.jsonl", 2, 27, "0"),
    ]
    out = dedupe("scan", "a.txt", "--format", "github").out
    assert out.startswith(b"::warning file=a.txt,line=2,col=27,title=LAY001 stray-token::")
    assert names() == {"a.txt", "b.jsonl"}


def test_scan_shows_the_text_and_the_place_of_the_other_copy(dedupe: Shell) -> None:
    put("a.txt", f"Ferries sail again.\n{REPEAT}\nThe lorries wait.\n{REPEAT}\n")
    put("b.jsonl", jsonl(Path("a.txt").read_text()))
    put("c.jsonl", json.dumps({"title": "Ferries sail again", "text": f"Ferries sail again\n{REPEAT}\n"}))
    shown = "“Mayor Orla Fenwick said on Monday th…s on the new deck and the railings.”"
    said = "the sentence stands twice (the other copy: line 2)"
    assert dedupe("scan", "a.txt").out.decode().startswith(f"a.txt:4:1: REP001 {said}\n    Mayor Orla")
    assert dedupe("scan", "a.txt", "--format", "github").out.decode().endswith(f"::{said}: {shown}\n")
    assert "(the other copy: column 21)\n" in dedupe("scan", "b.jsonl").out.decode()
    assert "(the other copy: the title)\n    Ferries sail again\n" in dedupe("scan", "c.jsonl").out.decode()
    found = json.loads(dedupe("scan", "a.txt", "--format", "json").out)[0]
    assert (found["line"], found["witness"]["line"], found["witness"]["column"]) == (4, 2, 1)


@pytest.mark.parametrize("format", ["text", "github"])
def test_scan_speaks_in_the_conditional(dedupe: Shell, format: str) -> None:
    for run in (dedupe("scan", "--format", format, stdin=DIRTY.encode()), dedupe("scan", stdin=jsonl(DIRTY).encode())):
        assert not {"applied", "cut", "removed", "changed"} & set(run.out.decode().split())
        assert (
            "1 record: 1 would change, 0 would not; 1 finding: 1 would be applied, 0 held back; would remove" in run.err
        )


def test_scan_of_a_clean_text(dedupe: Shell) -> None:
    assert dedupe("scan", stdin=CLEAN.encode())[:2] == (0, b"")
    assert json.loads(dedupe("scan", "--format", "json", stdin=CLEAN.encode()).out) == []
    assert dedupe("scan", "--ignore", "LAY", stdin=DIRTY.encode()).code == 0
    assert dedupe("scan", stdin=b'{"text": "Snow."}\n{').code == 3


def test_scan_marks_right_to_left_text_in_the_line(dedupe: Shell) -> None:
    put("a.txt", "أعلنت بلدية مرسى النور أن الميناء سيفتح أبوابه من جديد. layers\n")
    out = dedupe("scan", "a.txt").out.decode()
    assert out.endswith(" من جديد. ⟦layers⟧\n")
    assert "^" not in out


def test_scan_counts_by_rule(dedupe: Shell) -> None:
    put("a.txt", f"Ferries sail. share\n{DIRTY}{REPEAT}\nThe lorries wait.\n{REPEAT}\n")
    put("b.txt", DIRTY)
    run = dedupe("scan", "a.txt", "b.txt", "--statistics")
    assert run.code == 1
    assert run.out.decode().splitlines() == [
        "       3  LAY001  stray-token                  3 would be applied",
        "       1  REP001  repeated-sentence            1 would be applied",
    ]
    assert "2 records: 2 would change" in run.err
    counted = dedupe("scan", "a.txt", "b.txt", "--statistics", "--format", "json", "--level", "safe")
    assert json.loads(counted.out) == [
        {"code": "LAY001", "name": "stray-token", "count": 3, "applied": 0},
        {"code": "REP001", "name": "repeated-sentence", "count": 1, "applied": 0},
    ]
    assert dedupe("scan", "--statistics", stdin=CLEAN.encode())[:2] == (0, b"")
    assert json.loads(dedupe("scan", "--statistics", "--format", "json", stdin=CLEAN.encode()).out) == []


# --- the page


def test_a_page_is_written_after_the_last_article(dedupe: Shell) -> None:
    pytest.importorskip("jinja2")
    put("a.txt", DIRTY)
    put("b.jsonl", jsonl(DIRTY, REPEAT))
    assert dedupe("clean", "a.txt", "--report", "a.html").code == 0
    assert dedupe("clean", "a.txt", "b.jsonl", "-o", "out", "--report", "p.jsonl", "--report", "b.html").code == 0
    for name, title in (("a.html", "a.txt"), ("b.html", "2 inputs")):
        page = Path(name).read_text()
        assert title in page
        assert "LAY001" in page
        assert page.rstrip().endswith("</html>")


# --- allow


def rejects(*texts: str, verdict: str = "reject") -> str:
    entry = {"article": None, "sha256_before": "0", "code": "LAY001", "start": 0, "end": 99, "verdict": verdict}
    return "".join(f"{json.dumps(entry | {'text': text, 'end': 99 + i})}\n" for i, text in enumerate(texts))


def test_a_rejected_finding_becomes_an_allowed_wording(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    put("d.jsonl", rejects("layers", "layers", "* * *") + rejects("share", verdict="accept"))
    code, out, err = dedupe("allow", "d.jsonl")
    assert (code, out) == (0, b"")
    assert err.splitlines() == [
        "added to dedupe.toml: “layers”",
        "not possible: “* * *” has no word that a configuration can hold",
        "1 added to dedupe.toml, 0 allowed already, 1 not possible",
    ]
    assert Path("dedupe.toml").read_text() == 'allow = [\n    "layers",\n]\n'
    assert dedupe("clean", "a.txt").out == DIRTY.encode()
    before = Path("dedupe.toml").stat()
    assert "0 added to " in (err := dedupe("allow", "d.jsonl").err)
    assert "1 allowed already" in err
    assert Path("dedupe.toml").stat() == before


def test_allow_adds_to_the_file_that_counts(dedupe: Shell) -> None:
    put("pyproject.toml", '[project]\nname = "velm"\n')
    put("d.jsonl", rejects("layers"))
    assert "added to mine.toml" in dedupe("allow", "d.jsonl", "--config", "mine.toml").err
    assert "added to dedupe.toml" in dedupe("allow", "d.jsonl").err
    Path("dedupe.toml").unlink()
    put("pyproject.toml", "[tool.dedupe]\nbudget = 0.25\n")
    dedupe("allow", "d.jsonl")
    assert Path("pyproject.toml").read_text() == '[tool.dedupe]\nallow = [\n    "layers",\n]\nbudget = 0.25\n'
    Path("sub").mkdir()
    for arguments, says in (
        (("none.jsonl",), "cannot read none.jsonl"),
        (("d.jsonl", "--config", "d.jsonl"), "no valid TOML"),
        (("d.jsonl", "--config", "sub"), "no ordinary file"),
    ):
        code, _, err = dedupe("allow", *arguments)
        assert code == 2
        assert says in err


# --- rules, version, configuration


def test_rules_lists_and_explains(dedupe: Shell) -> None:
    table = dedupe("rules").out.decode()
    assert "LAY001  stray-token " in table
    assert dedupe("rules", "TXT").out.decode().count("\n") >= 2
    page = dedupe("rules", "LAY001").out
    assert b"What it does" in page
    assert dedupe("rules", "stray-token").out == page
    assert b"Usage: dedupe rules [OPTIONS] [CODE]\n" in dedupe("rules", "--help").out
    code, _, err = dedupe("rules", "stray-tokne")
    assert code == 2
    assert "did you mean 'stray-token'" in err


def test_version(dedupe: Shell) -> None:
    assert dedupe("--version")[:2] == (0, f"dedupe {__version__}\n".encode())


def test_the_command_line_counts_more_than_the_configuration(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    put("dedupe.toml", 'ignore = ["LAY"]\n')
    assert dedupe("clean", "a.txt").out == DIRTY.encode()
    assert dedupe("clean", "a.txt", "--ignore", "REP,TXT", "--ignore", "caption").out == CLEAN.encode()
    assert dedupe("clean", "a.txt", "--ignore", "REP", "--select", "TXT").out == DIRTY.encode()
    put("mine.toml", 'level = "strict"\n')
    assert dedupe("clean", "a.txt", "--config", "mine.toml").out == CLEAN.encode()


# --- what is refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("clean", "missing.txt"), "missing.txt does not exist"),
        (("clean", "b.txt"), "did you mean 'a.txt'"),
        (("clean", "letter.txt"), "letter.txt does not exist: check the name\n"),
        (("scan", "nofile"), "nofile does not exist"),
        (("clean", "*.html"), "*.html: there is no file that can be read"),
        (("clean", "a.txt", "--mark", "--diff"), "--mark and --diff: choose one"),
        (("clean", "."), "several inputs need -o FOLDER"),
        (("clean", "a.xml"), "supported are .txt, .md, .jsonl, .json"),
        (("clean", "a.txt", "--report", "x.pdf"), "a plan (.jsonl), a page (.html) or a unified diff (.diff)"),
        (("clean", "a.txt", "-o", "a.txt"), "--in-place"),
        (("clean", "a.txt", "-o", "link.txt"), "is an input"),
        (("clean", "a.jsonl", "--report", "a.jsonl"), "is an input"),
        (("clean", "a.jsonl", "-o", "x.jsonl", "--report", "x.jsonl"), "written twice"),
        (("clean", "a.txt", "-o", "no/such/b.txt"), "does not exist"),
        (("clean", "a.jsonl", "-o", "x.csv"), "is written as .jsonl"),
        (("clean", "a.txt", "a.jsonl"), "-o FOLDER"),
        (("clean", "a.txt", "a.jsonl", "-o", "a.md"), "is a file"),
        (("clean", "a.txt", "sub/a.txt", "-o", "out"), "written twice"),
        (("clean", "a.txt", "a.jsonl", "-o", "."), "is an input"),
        (("clean", "-", "a.txt", "-o", "out"), "stands alone"),
        (("clean", "-", "--in-place"), "--in-place needs files here"),
        (("clean", "-", "-o", "sub"), "is a folder"),
        (("clean", "a.txt", "-o", "b", "--in-place"), "choose one"),
        (("clean", "a.txt", "--level", "standrad"), "did you mean 'standard'"),
        (("clean", "a.txt", "--select", "REP01X"), "unknown rule"),
        (("clean", "a.txt", "--format", "text"), "did you mean 'txt'"),
        (("clean", "a.txt", "--encoding", "utf8x"), "unknown encoding"),
        (("clean", "a.txt", "--config", "none.toml"), "cannot read none.toml"),
        (("clean", "a.txt", "--lvl", "safe"), "--lvl"),
        (("scan", "a.txt", "--format", "github", "--statistics"), "--statistics goes with text or json"),
        (("scan", "a.txt", "--format", "jsn"), "did you mean 'json'"),
        (("clena", "a.txt"), "clena"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(dedupe: Shell, arguments: tuple[str, ...], says: str) -> None:
    for name in ("a.txt", "a.md", "a.csv", "a.xml"):
        put(name, DIRTY)
    put("a.jsonl", jsonl(DIRTY))
    Path("link.txt").symlink_to("a.txt")
    Path("sub").mkdir()
    put("sub/a.txt", DIRTY)
    before = names()
    code, out, err = dedupe(*arguments, stdin=DIRTY.encode())
    assert (code, out) == (2, b"")
    assert says in err
    assert "Traceback" not in err
    assert names() == before
    assert not Path("out").exists()
    assert Path("a.txt").read_text() == DIRTY


def test_an_unreadable_place_is_named(dedupe: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.txt", DIRTY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "b.txt")

    monkeypatch.setattr("pathlib.Path.replace", full)
    code, _, err = dedupe("clean", "a.txt", "-o", "b.txt")
    assert code == 2
    assert "b.txt: No space left on device" in err
    assert names() == {"a.txt"}


# --- a process of its own


def start(*arguments: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-m", "dedupe", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root)},
    )


def test_a_line_in_is_a_line_out() -> None:
    with start("clean", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):
            process.stdin.write(jsonl(DIRTY).encode())
            process.stdin.flush()
            assert process.stdout.readline() == jsonl(CLEAN).encode()
        process.communicate()
    assert process.returncode == 0


def test_nobody_reads_on(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(jsonl(DIRTY) * 5000)
    with start("clean", str(tmp_path / "a.jsonl")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("clean", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    script = (
        "import sys\nfrom dedupe.cli import main\n"
        f"code = main({list(arguments)!r})\n"
        "heavy = {'rich', 'rapidfuzz', 'sentencex', 'numpy', 'dedupe.pipeline', 'gzip'} & set(sys.modules)\n"
        "sys.exit(code or bool(heavy) and f'loaded {heavy}')"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
