"""The only task runner: `nox` does everything, `nox -s tests-3.12` one thing, `nox -l` lists all.

Wanted Pythons come from the machine; one that is missing is skipped, and nox says so.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml("pyproject.toml")["project"]
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
FORMAT_EXTRAS = ("zst", "parquet", "html", "warc", "remote")
EXTRACTORS = ["trafilatura>=2.0", "newspaper4k>=0.9.3"]
SERVERS = ["moto[s3]>=5", "flask>=3", "flask-cors>=4", "s3fs>=2023.1"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """All tests but the quality gate, against the installed package."""
    session.install(".[test]")
    session.run("pytest", "-m", "not gate", *session.posargs)


@nox.session(python=PYTHONS[0])
def minimums(session: nox.Session) -> None:
    """The tests with the lowest version of each dependency that pyproject.toml allows."""
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *(name for extra in ("test", *FORMAT_EXTRAS) for name in extras[extra])]
    session.install(".", *(re.sub(r">=([\w.]+)[^;]*", r"==\1", requirement) for requirement in wanted))
    session.run("pytest", "-m", "not gate", *session.posargs)


@nox.session(python=PYTHONS[-1])
def training(session: nox.Session) -> None:
    """Train a small line model, twice, and compare."""
    session.install(".[test,train]")
    session.run("pytest", "tests/test_lines.py", *session.posargs)


@nox.session(python=PYTHONS[-1])
def redis(session: nox.Session) -> None:
    """The index in a real Redis, which is installed where that is possible; the tests say why they are skipped."""
    session.install(".[test,redis]")
    debian(session, "redis-server")
    session.run("pytest", "-rs", *test_files("stores", "index"), *session.posargs)


@nox.session(python=PYTHONS[-1])
def screens(session: nox.Session) -> None:
    """The HTML report in a real browser and the review screen in a real terminal."""
    session.install(".[test,report,review]", "playwright>=1.49")
    debian(session, "chromium", "tmux")
    session.run("pytest", "-rs", *test_files("html", "review"), *session.posargs)


@nox.session(python=PYTHONS[1])
def pipelines(session: nox.Session) -> None:
    """The steps for Scrapy, dataframes, datatrove and datasets, each with its real library."""
    session.install(".[test,redis,scrapy,pandas,polars,datatrove,datasets,parquet]", *EXTRACTORS)
    session.run("pytest", "-rs", *test_files("integrations"), *session.posargs)


@nox.session(python=PYTHONS[2])
def formats(session: nox.Session) -> None:
    """Parquet, HTML, web archives, Zstandard and addresses, each with its real library."""
    session.install(f".[test,{','.join(FORMAT_EXTRAS)}]", *SERVERS)
    chosen = test_files("array", "packing", "parquet", "places", "table", "web")
    session.run("pytest", "-rs", *chosen, *session.posargs)


def test_files(*subjects: str) -> list[str]:
    """The files that test these subjects: `test_SUBJECT.py`, and `test_SUBJECT_PART.py` where it has parts."""
    found = {subject: sorted(ROOT.glob(f"tests/test_{subject}[._]*py")) for subject in subjects}
    assert all(found.values()), f"no tests: {[subject for subject, files in found.items() if not files]}"
    return [str(file.relative_to(ROOT)) for files in found.values() for file in files]


def debian(session: nox.Session, *packages: str) -> None:
    """Install Debian packages that are not there, where that is possible; tests say what they skip without them."""
    missing = [name for name in packages if not shutil.which(name)]
    if missing and shutil.which("apt-get"):
        session.run("apt-get", "update", "-qq", external=True, success_codes=[0, 100])
        session.run("apt-get", "install", "-qq", "-y", *missing, external=True, success_codes=[0, 100])


@nox.session
def lint(session: nox.Session) -> None:
    """Style and layout."""
    session.install(*PROJECT["optional-dependencies"]["lint"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the package."""
    session.install(".[lint,redis,report,review]")
    session.run("mypy", "--strict", "dedupe")


@nox.session
def gate(session: nox.Session) -> None:
    """The quality gate: floors and ceilings on the real data, where it stands beside the checkout."""
    session.install(".[test]")
    session.run("pytest", "-m", "gate", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build sdist and wheel; the wheel holds every file of the package and runs away from the checkout."""
    folder = Path(session.create_tmp())
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(folder), str(ROOT), silent=True)
    built = max(folder.glob("*.whl"), key=lambda p: p.stat().st_mtime)
    files = [p.relative_to(ROOT) for p in (ROOT / "dedupe").rglob("*") if p.is_file()]
    package = {p.as_posix() for p in files if not any(part.startswith((".", "__pycache__")) for part in p.parts)}
    missing = package - set(zipfile.ZipFile(built).namelist())
    if missing:
        session.error(f"not in the wheel: {', '.join(sorted(missing))}")
    session.install("--force-reinstall", str(built))
    case = ROOT / "fixtures" / "cases" / "harbour"
    session.chdir(folder)
    session.run("dedupe", "clean", str(case / "article.txt"), "-o", "clean.txt", "--report", "plan.jsonl")
    session.run("dedupe", "undo", "clean.txt", "--report", "plan.jsonl", "-o", "back.txt")
    for name, expected in (("clean.txt", "clean.txt"), ("back.txt", "article.txt")):
        if Path(name).read_bytes() != (case / expected).read_bytes():
            session.error(f"the installed wheel made a {name} that differs from {case / expected}")
        Path(name).unlink()
    Path("plan.jsonl").unlink()
