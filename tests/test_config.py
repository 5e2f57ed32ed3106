"""Configuration files: what is found, what is refused, and what the command line makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shell import DIRTY, Shell, put
from shell import shell as shell

from dedupe.allow import added, allowed_in, sort
from dedupe.config import load, parsed
from dedupe.errors import ConfigError
from dedupe.policy import Level, Policy


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_without_a_file_there_are_no_settings(tmp_path: Path) -> None:
    assert load(tmp_path) == ({}, {})


def test_all_keys_become_a_policy(tmp_path: Path) -> None:
    write(
        tmp_path / "dedupe.toml",
        'level = "safe"\nselect = ["REP", "TXT"]\nignore = ["caption"]\nallow = ["Snow fell."]\nbudget = 1\n'
        "[rules.REP001]\n",
    )
    policy = Policy(**load(tmp_path).settings)
    assert policy.level is Level.SAFE
    assert (policy.select, policy.ignore, policy.allow) == (("REP", "TXT"), ("caption",), ("Snow fell.",))
    assert policy.budget == 1
    assert policy.options == {"REP001": {}}


def test_a_rule_is_named_by_code_or_name(tmp_path: Path) -> None:
    write(tmp_path / "dedupe.toml", "[rules.repeated-sentence]\nmin_words = 9\n[rules.REP002]\n")
    assert load(tmp_path).settings == {"options": {"REP001": {"min_words": 9}, "REP002": {}}}


def test_the_nearest_file_counts_and_dedupe_toml_first(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.dedupe]\nlevel = "strict"\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load(inner).settings == {"level": "strict"}
    write(inner / "pyproject.toml", "[tool.other]\nlevel = 1\n")
    assert load(inner).settings == {"level": "strict"}
    write(tmp_path / "dedupe.toml", "budget = 0.1\n")
    assert load(inner).settings == {"budget": 0.1}
    write(inner / "pyproject.toml", "[tool.dedupe]\n")
    assert load(inner).settings == {}


def test_a_named_file_counts_alone(tmp_path: Path) -> None:
    write(tmp_path / "dedupe.toml", 'level = "strict"\n')
    assert load(tmp_path, write(tmp_path / "mine.toml", "\ufeffbudget = 0.2\n")).settings == {"budget": 0.2}
    project = write(tmp_path / "a" / "pyproject.toml", "[tool.dedupe]\nbudget = 0.3\n")
    assert load(tmp_path, project).settings == {"budget": 0.3}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('levl = "safe"', "'levl'; did you mean 'level'"),
        ('level = "saef"', "did you mean 'safe'"),
        ("level = 1", "'level' must be a string"),
        ('select = "REP"', "'select' must be a list"),
        ("ignore = [1]", "'ignore' must be a list"),
        ('select = ["REP01X"]', "unknown rule 'REP01X'"),
        ("budget = 2", "between 0 and 1"),
        ("budget = true", "'budget' must be a number"),
        ("rules = 1", "tables"),
        ("[rules]\nREP001 = 1", "tables"),
        ("[rules.REP00]", "unknown rule 'REP00'"),
        ("[rules.REP001]\nno_such_option = 1", "no_such_option"),
        ("[rules.REP001]\n[rules.repeated-sentence]", "REP001 has two tables"),
        ("[rules.repeated-sentense]", "unknown rule 'repeated-sentense'"),
        ("[rules.repeated-sentence]\nno_such_option = 1", "no_such_option"),
        ("level = ", "no valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(tmp_path: Path, content: str, says: str) -> None:
    path = write(tmp_path / "dedupe.toml", content)
    with pytest.raises(ConfigError, match=says) as error:
        load(tmp_path)
    assert str(path) in str(error.value)


def test_a_named_file_that_is_missing_or_has_no_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load(tmp_path, tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"no table \[tool\.dedupe\]"):
        load(tmp_path, write(tmp_path / "pyproject.toml", "[tool.other]\n"))
    with pytest.raises(ConfigError, match="must be a table"):
        load(tmp_path, write(tmp_path / "pyproject.toml", "[tool]\ndedupe = 1\n"))


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "dedupe.toml").write_bytes(b'allow = ["caf\xe9"]')
    with pytest.raises(ConfigError, match="no valid TOML"):
        load(tmp_path)


@pytest.mark.parametrize(("file", "table"), [("dedupe.toml", "[fields]"), ("pyproject.toml", "[tool.dedupe.fields]")])
@pytest.mark.parametrize(
    "command",
    [
        "clean a.jsonl -o out.jsonl --report p.jsonl",
        "clean a.jsonl -o out.jsonl --config FILE",
        "scan a.jsonl",
        "scan a.jsonl --config FILE",
        "duplicates a.jsonl",
        "index add seen.db a.jsonl",
        "undo cleaned --report plan.jsonl -o back",
    ],
)
def test_a_run_parses_the_configuration_once(
    dedupe: Shell, monkeypatch: pytest.MonkeyPatch, command: str, file: str, table: str
) -> None:
    Path("scraped").mkdir()
    for name in ("a.jsonl", "scraped/a.jsonl", "scraped/b.jsonl"):
        put(name, json.dumps({"id": "1", "corpo": DIRTY}) + "\n")
    assert dedupe("clean", "scraped", "-o", "cleaned", "--report", "plan.jsonl", "--text-field", "corpo").code == 0
    put(file, f'{table}\ntext = "corpo"\n')
    seen: list[Path] = []

    def counted(path: Path, raw: bytes) -> Any:
        seen.append(path)
        return parsed(path, raw)

    monkeypatch.setattr("dedupe.config.parsed", counted)
    assert dedupe(*command.replace("FILE", file).split()).code == command.startswith("scan")
    assert [path.name for path in seen] == [file]


# --- allowed wordings, written into a file


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'allow = [\n    "Read on",\n]\n'),
        ("budget = 1", 'budget = 1\nallow = [\n    "Read on",\n]\n'),
        ("\ufeffbudget = 1\r\n", '\ufeffbudget = 1\r\nallow = [\r\n    "Read on",\r\n]\r\n'),
        (
            "# ours\nbudget = 1\n\n# repeats\n[rules.REP001]\nmin_words = 9\n",
            '# ours\nbudget = 1\n\nallow = [\n    "Read on",\n]\n\n# repeats\n[rules.REP001]\nmin_words = 9\n',
        ),
        ("allow = []", 'allow = ["Read on"]'),
        ('allow=["a"]#b\nbudget = 1', 'allow=["a", "Read on"]#b\nbudget = 1'),
        ('"allow" = [ \'a]\', "b", ] # c', '"allow" = [ \'a]\', "b", "Read on" ] # c'),
        (
            'allow = [  # "x"]\n  "a",\n  "b"  # why\n  # more\n]\n',
            'allow = [  # "x"]\n  "a",\n  "b",  # why\n  # more\n  "Read on",\n]\n',
        ),
        ('allow = [\r\n\t"""a\n["""]\r\n', 'allow = [\r\n\t"""a\n[""",\r\n\t"Read on",]\r\n'),
        ("allow = [\n]\n", 'allow = [\n    "Read on",\n]\n'),
        (
            'select = """\n[\nallow = [\n"""\n[rules.X]\nallow = []\n',
            'select = """\n[\nallow = [\n"""\nallow = [\n    "Read on",\n]\n\n[rules.X]\nallow = []\n',
        ),
    ],
)
def test_wordings_are_added_and_all_else_stays(before: str, after: str) -> None:
    path = Path("dedupe.toml")
    assert added(path, before.encode(), ["Read on"]).decode() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[tool.dedupe]", '[tool.dedupe]\nallow = [\n    "Read on",\n]\n'),
        ("[ tool . dedupe ] # x\nbudget=1", '[ tool . dedupe ] # x\nallow = [\n    "Read on",\n]\nbudget=1'),
        ("[tool.dedupe]\nallow = ['a']\n[a]\nallow = []", "[tool.dedupe]\nallow = ['a', \"Read on\"]\n[a]\nallow = []"),
        (
            "[tool.dedupe.rules.REP001]\nmin_words = 9\n",
            '[tool.dedupe.rules.REP001]\nmin_words = 9\n\n[tool.dedupe]\nallow = [\n    "Read on",\n]\n',
        ),
        ("[project]\nname = 'velm'", "[project]\nname = 'velm'\n\n[tool.dedupe]\nallow = [\n    \"Read on\",\n]\n"),
    ],
)
def test_wordings_are_added_to_a_project(before: str, after: str) -> None:
    assert added(Path("pyproject.toml"), before.encode(), ["Read on"]).decode() == after


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("pyproject.toml", "tool.dedupe = {budget = 1}", "found no place"),
        ("pyproject.toml", "[tool]\ndedupe.budget = 1", "found no place"),
        ("pyproject.toml", "tool = 1", "found no place"),
        ("dedupe.toml", 'allow = "a"', "must be a list of strings in a table, not 'a'"),
        ("dedupe.toml", "allow = [1]", "must be a list of strings"),
        ("dedupe.toml", "allow = [", "no valid TOML"),
    ],
)
def test_what_cannot_be_done_is_refused(name: str, content: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        added(Path(name), content.encode(), ["Read on"])


layouts = st.sampled_from(
    [
        "",
        "budget = 0.5\n",
        "allow = []\n",
        "allow = ['a']\n",
        "allow = [\n  'a', # b\n]\n[rules.X]\nallow = 1\n",
        "# c\r\n[rules.X]\r\nallow = ['a']\r\n",
    ]
)
# TOML holds no halves of characters
wordings = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=4)


@given(layouts, wordings, wordings)
def test_any_wording_reads_back(layout: str, first: list[str], second: list[str]) -> None:
    path, raw = Path("dedupe.toml"), layout.encode()
    written = added(path, added(path, raw, first), second)
    old = parsed(path, raw)
    assert parsed(path, written) == old | (
        {"allow": [*old.get("allow", []), *first, *second]} if first + second else {}
    )
    lines = [line for line in layout.splitlines() if "allow" not in line]
    assert [line for line in written.decode().splitlines() if line in lines][: len(lines)] == lines


def test_nothing_is_allowed_twice() -> None:
    path = Path("dedupe.toml")
    found = sort(["Sign up", "Please SIGN UP here", "up", "sign  up!", "—", "a\ud800"], ["Sign up"])
    assert found.new == ("up",)
    assert found.known == ("Sign up", "Please SIGN UP here", "sign  up!")
    assert found.impossible == ("—", "a\ud800")
    assert added(path, b"# as it is", []) == b"# as it is"
    assert allowed_in(path, b"allow = ['a', 'b']") == ("a", "b")
