"""The rooms: what may import what, what stays small, and what must not be imported early."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dedupe"

# A module may import what stands above it; a folder's modules may import one another (rules may not).
ROOMS = [
    "errors",
    "_version",
    "parallel",
    "model",
    "normalise",
    "wordings",
    "language",
    "agency",
    "dateline",
    "traits",
    "similarity",
    "policy",
    "sentences",
    "credits",
    "label_runs",
    "drafts",
    "plain",
    "markdown",
    "segment",
    "stray_tokens",
    "matching",
    "captions",
    "repeats",
    "cues",
    "lines",
    "annotate",
    "lines.train",
    "rule",
    "repeat_findings",
    "duplicate_findings",
    "page",
    "bylines",
    "author_notes",
    "layout",
    "rules",
    "detect",
    "resolve",
    "edit",
    "decisions",
    "corpus",
    "pipeline",
    "config",
    "allow",
    "report",
    "__init__",
    "io",
    "gather",
    "cleaning",
    "integrations",
    "review",
    "cli",
    "__main__",
]
HEAVY = ["textual", "jinja2", "redis", "numpy", "scipy", "datasketch", "rapidfuzz", "sentencex", "rich", "typer"]
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").glob("*.py"))


def room_of(name: str) -> str:
    """The room a module stands in; one that must see more than its folder has its own."""
    return name if name in ROOMS else name.partition(".")[0]


def name_of(path: Path) -> str:
    """The module's name below the package: "rules.lay001_stray_token", "io", "__init__"."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of each module of the package that a file imports, inside functions too."""
    known = {name_of(p) for p in MODULES}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} imports relatively: write the whole name"
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in targets:
            first, _, name = target.partition(".")
            if first == "dedupe":
                while name and name not in known:
                    name = name.rpartition(".")[0]
                yield node.lineno, name or "__init__"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_only_from_above(path: Path) -> None:
    own = name_of(path)
    room = room_of(own)
    assert room in ROOMS, f"{own} has no place in the order of rooms"
    for line, target in imports(path):
        other = room_of(target)
        inside = other == room and room not in {"rules", "__init__"} and (PACKAGE / room).is_dir()
        assert inside or ROOMS.index(other) < ROOMS.index(room), f"{own}, line {line}, imports {target}"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_no_test_file_is_imported(path: Path) -> None:
    """Not by another, nor by a script in one: what is shared stands in a module of its own, fixtures in conftest."""
    an_import = re.compile(r"^\s*(?:from|import)\b.*\b(?:test_\w+|tests|conftest)\b.*", re.MULTILINE)
    assert not an_import.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_grows_past_500_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def loaded_by(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import dedupe", set()),
        ("from dedupe import Article, Level, clean", set()),
        ("import dedupe.cli", {"typer", "rich"}),
    ],
)
def test_nothing_heavy_is_imported_early(statement: str, allowed: set[str]) -> None:
    assert not loaded_by(statement) & set(HEAVY) - allowed


def test_only_the_line_scorer_needs_a_numbers_package() -> None:
    text = "The lock gates at Varn were opened again on Monday. layers"
    loaded = loaded_by(f"import dedupe; dedupe.clean({text!r}, ignore='LAY090')")
    assert not loaded & {"numpy", "scipy", "datasketch", "rich", "typer"}


def project_files() -> list[Path]:
    tops = [ROOT / name for name in ("dedupe", "tests", "fixtures", "bench", "docs", ".ci")]
    files = [
        path for top in tops for path in sorted(top.rglob("*")) if path.is_file() and "__pycache__" not in path.parts
    ]
    return [*files, *sorted(p for p in ROOT.iterdir() if p.is_file() and p.suffix in {".py", ".md", ".toml"})]


def test_names_no_path_of_a_machine_and_no_registry() -> None:
    forbidden = re.compile(
        r"(?<![\w.])/(?:root|home|work|tmp|Users)/\w|pypi\.(?:org|python)|python[h]osted|index[-_]url\s*="
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in project_files()
        for match in forbidden.finditer(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert not found
