"""Configuration files: what is found, what is refused, and what the command line makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dedupe.config import load
from dedupe.errors import ConfigError
from dedupe.policy import Level, Policy


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_without_a_file_there_are_no_settings(tmp_path: Path) -> None:
    assert load(tmp_path) == {}


def test_all_keys_become_a_policy(tmp_path: Path) -> None:
    write(
        tmp_path / "dedupe.toml",
        'level = "safe"\nselect = ["REP", "TXT"]\nignore = ["caption"]\nallow = ["Snow fell."]\nbudget = 1\n'
        "[rules.REP001]\n",
    )
    policy = Policy(**load(tmp_path))
    assert policy.level is Level.SAFE
    assert (policy.select, policy.ignore, policy.allow) == (("REP", "TXT"), ("caption",), ("Snow fell.",))
    assert policy.budget == 1
    assert policy.options == {"REP001": {}}


def test_a_rule_is_named_by_code_or_name(tmp_path: Path) -> None:
    write(tmp_path / "dedupe.toml", "[rules.repeated-sentence]\nmin_words = 9\n[rules.REP002]\n")
    assert load(tmp_path) == {"options": {"REP001": {"min_words": 9}, "REP002": {}}}


def test_the_nearest_file_counts_and_dedupe_toml_first(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.dedupe]\nlevel = "strict"\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load(inner) == {"level": "strict"}
    write(inner / "pyproject.toml", "[tool.other]\nlevel = 1\n")
    assert load(inner) == {"level": "strict"}
    write(tmp_path / "dedupe.toml", "budget = 0.1\n")
    assert load(inner) == {"budget": 0.1}
    write(inner / "pyproject.toml", "[tool.dedupe]\n")
    assert load(inner) == {}


def test_a_named_file_counts_alone(tmp_path: Path) -> None:
    write(tmp_path / "dedupe.toml", 'level = "strict"\n')
    assert load(tmp_path, write(tmp_path / "mine.toml", "\ufeffbudget = 0.2\n")) == {"budget": 0.2}
    project = write(tmp_path / "a" / "pyproject.toml", "[tool.dedupe]\nbudget = 0.3\n")
    assert load(tmp_path, project) == {"budget": 0.3}


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
