#!/usr/bin/env python3
"""Other projects' cleaners behind the command line of `dedupe clean`, and the table that sets them beside ours.

    bench/peers.py PEER IN.jsonl -o OUT.jsonl --report REPORT.jsonl
    bench/peers.py table DATA.jsonl.gz --folds FOLDS [--bench ../shared/bench]

PEER is one of these, each as its own package ships it and at its own defaults; a line is what it judges:

    c4            datatrove's C4QualityFilter (`pip install datatrove`). Its conditions that drop a whole document
                  are off: what is left is its line filter.
    justext       jusText (`pip install jusText lxml_html_clean`), each line a paragraph; the stop list of the language
                  that dedupe guesses, else the English one.
    trafilatura   trafilatura's extraction (`pip install trafilatura`), each line a <p>.

A text of which a peer leaves nothing is passed on as it was (a pipeline drops such a page, it does not keep an empty
one); the report, a line of JSON for each record, says so. So `noise.py --command "python bench/peers.py justext"`
measures a peer just as it measures dedupe.

`table` does that for every peer and then for dedupe at each level, and prints one Markdown table. DATA holds one page
a line: id, url, title, gold and outputs (a text for each scraper). FOLDS is the folder that
`python -m dedupe.lines.train --folds FOLDS` wrote: each page is cleaned with the model that saw neither it nor its
site. It needs dedupe and all peers in one environment.
"""

from __future__ import annotations

import argparse
import html
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

LEVELS = ("safe", "standard", "strict")
_STOP_LISTS = {
    "ar": "Arabic",
    "de": "German",
    "el": "Greek",
    "es": "Spanish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "uk": "Ukrainian",
}

Clean = Callable[[str], str]
"""From a text to what a peer leaves of it."""


def c4() -> Clean:
    """datatrove's line filter after Raffel et al. 2020 (C4)."""
    from datatrove.data import Document  # type: ignore[import-untyped,import-not-found,unused-ignore]
    from datatrove.pipeline.filters.c4_filters import (  # type: ignore[import-untyped,import-not-found,unused-ignore]
        C4QualityFilter,
    )

    lines = C4QualityFilter(min_num_sentences=-1, filter_lorem_ipsum=False, filter_curly_bracket=False)

    def clean(text: str) -> str:
        document = Document(text=text, id="")
        return str(document.text) if lines.filter(document) is True else ""

    return clean


def justext() -> Clean:
    """jusText (Pomikálek 2011)."""
    import justext as package  # type: ignore[import-untyped,import-not-found,unused-ignore]

    from dedupe.language import guess_language

    stop_lists = {name: package.get_stoplist(name) for name in {"English", *_STOP_LISTS.values()}}

    def clean(text: str) -> str:
        stop_list = stop_lists[_STOP_LISTS.get(guess_language(text), "English")]
        return "\n".join(part.text for part in package.justext(_page(text), stop_list) if not part.is_boilerplate)

    return clean


def trafilatura() -> Clean:
    """trafilatura (Barbaresi 2021)."""
    from trafilatura import extract  # type: ignore[import-untyped,import-not-found,unused-ignore]

    return lambda text: extract(_page(text)) or ""


PEERS: dict[str, tuple[Callable[[], Clean], tuple[str, ...]]] = {
    "c4": (c4, ("datatrove",)),
    "justext": (justext, ("jusText", "lxml_html_clean")),
    "trafilatura": (trafilatura, ("trafilatura",)),
}
"""Each peer, and the packages that it needs."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="{" + ",".join([*PEERS, "table"]) + "}")
    for name in PEERS:
        command = commands.add_parser(name)
        command.add_argument("input", type=Path)
        command.add_argument("-o", "--output", type=Path, required=True)
        command.add_argument("--report", type=Path, required=True)
    command = commands.add_parser("table")
    command.add_argument("data", type=Path)
    command.add_argument("--folds", type=Path, required=True)
    command.add_argument("--bench", type=Path, default=Path("../shared/bench"), help="the folder of noise.py")
    options = parser.parse_args()
    if options.command == "table":
        print(table(options.data, options.folds, options.bench / "noise.py"))
    else:
        clean_records(_ready(options.command), options.input, options.output, options.report)


def clean_records(clean: Clean, source: Path, target: Path, report: Path) -> None:
    """Clean the `text` of each record; the report tells for each whether it changed, and whether anything was left."""
    with (
        source.open(encoding="utf-8") as records,
        target.open("w", encoding="utf-8") as cleaned,
        report.open("w", encoding="utf-8") as notes,
    ):
        for record in map(json.loads, records):
            before = record["text"] or ""
            after = clean(before)
            nothing_left = bool(before.strip()) and not after.strip()
            record["text"] = before if nothing_left else after
            note = {"id": record.get("id"), "changed": record["text"] != before, "nothing_left": nothing_left}
            cleaned.write(json.dumps(record, ensure_ascii=False) + "\n")
            notes.write(json.dumps(note, ensure_ascii=False) + "\n")


def table(data: Path, folds: Path, noise: Path) -> str:
    """What noise.py says of every peer and of dedupe at each level, as Markdown: a row for each scraper."""
    for name in PEERS:
        _ready(name)
    python = shlex.quote(sys.executable)
    peers = [_figures([noise, data, "--command", f"{python} {shlex.quote(__file__)} {name}"], name) for name in PEERS]
    by_fold = [Path(__file__).with_name("folds.py"), folds, noise, data, "--command", f"{python} -m dedupe clean"]
    ours = [_figures([*by_fold, f"--args=--level={level}"], f"dedupe {level}") for level in LEVELS]
    packages = [f"{names[0]} {version(names[0])}" for _, names in PEERS.values()]
    header = ["scraper", "before", *packages, *(f"**dedupe** {level}" for level in LEVELS)]
    rows = [header, ["---", *["---:"] * (len(header) - 1)]]
    for scraper, figures in ours[0].items():
        cells = [scraper, _both(figures["before"])]
        cells += [f"{peer[scraper]['after']['F1']:.3f}" for peer in peers]
        rows.append([*cells, *(_both(level[scraper]["after"]) for level in ours)])
    pages = max(figures["pages"] for figures in ours[0].values())
    title = f"<!-- bench/peers.py table: {pages} pages; F1, and after the stroke the share of exact articles -->"
    return "\n".join([title, "", *(f"| {' | '.join(row)} |" for row in rows)])


def _both(figures: dict[str, float]) -> str:
    return f"{figures['F1']:.3f} / {figures['exact']:.2f}"


def _figures(command: list[Any], name: str) -> dict[str, Any]:
    """Run a benchmark; its figures by scraper."""
    print(f"measuring {name}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures.json")
        run = subprocess.run([sys.executable, *map(str, command), "--json", path], capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"{name}: {(run.stderr or run.stdout).strip()}")
        figures: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return figures


def _ready(name: str) -> Clean:
    """The peer, imported from its package; a line that says what to install where it is missing."""
    peer, packages = PEERS[name]
    try:
        return peer()
    except ImportError as error:
        sys.exit(f"{name} is not ready ({error}): pip install {' '.join(packages)}")


def _page(text: str) -> str:
    lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in text.splitlines() if line.strip())
    return f"<html><body>\n{lines}</body></html>"


if __name__ == "__main__":
    main()
