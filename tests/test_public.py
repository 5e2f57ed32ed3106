"""What a reader of the documentation relies on: every example runs, every public name explains itself."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import dedupe

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    {"dedupe"} | {m.name for m in pkgutil.walk_packages(dedupe.__path__, "dedupe.") if m.name != "dedupe.__main__"}
)
PAGES = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if path.is_file()]
BLOCKS = {path: re.findall(r"(?ms)^```python\n(.*?)^```", path.read_text("utf-8")) for path in PAGES}
EXAMPLES = [(path, number) for path, blocks in BLOCKS.items() for number in range(len(blocks))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != "textual":
            raise
        pytest.skip(f"{error.name} is not installed")
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


@pytest.mark.parametrize("name", dedupe.__all__)
def test_public_names_explain_themselves(name: str) -> None:
    value = getattr(dedupe, name)
    if name == "__version__":
        assert re.fullmatch(r"\d+\.\d+\.\d+\S*", value)
        return
    documentation = inspect.getdoc(value) or ""
    assert ">>>" in documentation, "a public name shows how it is used"


def test_all_is_complete() -> None:
    assert set(dedupe.__all__) == set(dir(dedupe))
    with pytest.raises(AttributeError, match="no attribute 'wash'"):
        _ = dedupe.wash


def test_there_are_examples() -> None:
    assert {path.name for path, _ in EXAMPLES} >= {"README.md", "duplicates.md"}


@pytest.mark.parametrize(("page", "number"), EXAMPLES, ids=lambda part: getattr(part, "stem", part))
def test_example(page: Path, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks are read from the top, as a reader does: a block may use what the ones above it defined."""
    fixture = ROOT / "fixtures" / "cases" / "harbour" / "article.txt"
    (tmp_path / "article.txt").write_bytes(fixture.read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in BLOCKS[page][: number + 1]:
        name = f"{page.name} block {number + 1}"
        if ">>>" in block:
            test = doctest.DocTestParser().get_doctest(block, names, name, page.name, 0)
            assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, clear_globs=False).failed == 0
            names.update(test.globs)
        else:
            exec(compile(block, name, "exec"), names)
