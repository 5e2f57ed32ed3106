"""Train the line scorer: ``python -m dedupe.lines.train DATA… [-o MODEL.npz] [--folds FOLDER] [--clean FILE]…``

DATA are JSONL files (`.gz` too), one page a record, with `text` and `title`, `lang`, `url` or `site` where known, and
either

    gold            the article as a person marked it
    line_labels     one character for each line of the text: 1 article, T headline, anything else not
    with, without   segments that belong to the article, and segments that do not

or, in the place of `text`, `outputs`: what several extractors made of the page. Where only segments are marked,
the shorter outputs vote on the other lines of a longer one. A file may be given a weight,
``pages.jsonl.gz=0.5``; `--clean` names files of articles without any noise, of which every line stays. The same data,
in the same order, give the same weights. Needs ``pip install "dedupe-news[train]"``.

With `--folds` the pages are dealt into five folds by site, and FOLDER gets for each what a fair judgement needs:
`N.txt` (ids of its pages), `N.npz` (a model that saw neither them nor their sites) and `N.toml` (a configuration that
names it).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from dedupe.annotate import annotate
from dedupe.errors import InputError
from dedupe.lines.features import NAMES, WORDED, ZONES, features, worded, zones
from dedupe.lines.labels import Labels, by_gold, by_line_labels, by_segments, by_votes
from dedupe.lines.model import LEVELS, LineModel
from dedupe.lines.said import told
from dedupe.lines.wording import Weights, shares, weigh
from dedupe.model import Article, Document
from dedupe.segment import segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

FOLDS = 5
_PARTS = 4
"""The words of each part of the sites are weighed by the other parts, as those of a new site will be."""
_SEEDS = 1, 2
"""The model is the mean of several: one alone is better or worse by chance."""
_TREES = 800
_DEPTH = 6
_GOLD_WEIGHT = 3.0
"""What an article without noise counts: to leave it alone is what matters most."""
_COUNTED_IN = 0.2
_ABOVE = 4
_MOST_WORDS = 36
_MOST_CLEAN = 300
"""Of a file of clean articles no more than this many are taken."""
_CHANGED = ((0.002, 0.001, 0.001), (0.02, 0.0075, 0.005), (0.08, 0.015, 0.015))
"""Which share of clean articles may lose a line, at each of LEVELS in each of ZONES: what stands above the first
paragraph is hardly ever article text."""
_SECOND_LEVEL = {"co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go"}
_COLUMN = {name: place for place, name in enumerate(NAMES)}


@dataclass
class Page:
    """A labelled page: its features [lines, NAMES without WORDED], the keys of its lines, labels [lines] (nan where
    unknown) and weights [lines].

    `clean` marks an article without noise, `labelled` a page whose lines or segments are labelled."""

    id: str
    site: str
    rows: Matrix
    keys: list[str]
    labels: Matrix
    weights: Matrix
    clean: bool = False
    labelled: bool = False


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m dedupe.lines.train", description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="+", help="labelled pages: FILE.jsonl[.gz][=WEIGHT]")
    parser.add_argument("-o", "--output", type=Path, default=Path("lines.npz"))
    parser.add_argument("--clean", action="append", default=[], help="articles without noise: FILE.jsonl[.gz][=WEIGHT]")
    parser.add_argument("--folds", type=Path, help="also train and write five models, each for a fold of other sites")
    options = parser.parse_args(arguments)
    pages = [page for name in options.data for page in _pages(name, clean=False)]
    pages += [page for name in options.clean for page in _pages(name, clean=True)]
    print(f"{len(pages)} texts, {sum(len(page.rows) for page in pages)} lines", file=sys.stderr)
    limits = _folds(pages, options.folds)
    fit(pages, limits).save(options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1000:.0f} kB", file=sys.stderr)


def fit(pages: Sequence[Page], limits: Matrix | None = None) -> LineModel:
    """A model of the pages. ImportError when the extra `train` is missing."""
    try:
        from catboost import CatBoostClassifier  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError as error:
        raise SystemExit('training needs CatBoost: pip install "dedupe-news[train]"') from error
    known = [~np.isnan(page.labels) for page in pages]
    words, seen = _words(pages)
    rows = np.concatenate([rows[mask] for rows, mask in zip(seen, known, strict=True)])
    labels = np.concatenate([page.labels[mask] for page, mask in zip(pages, known, strict=True)])
    weights = np.concatenate([page.weights[mask] for page, mask in zip(pages, known, strict=True)])
    models = []
    for seed in _SEEDS:
        trees = CatBoostClassifier(
            iterations=_TREES,
            depth=_DEPTH,
            learning_rate=0.08,
            border_count=48,
            l2_leaf_reg=6,
            rsm=0.3,
            bootstrap_type="Bernoulli",
            subsample=0.7,
            random_seed=seed,
            thread_count=2,
            verbose=False,
            allow_writing_files=False,
        )
        models.append(_exported(trees.fit(rows, labels, sample_weight=weights)))
    return LineModel(
        np.concatenate([model.columns for model in models]),
        np.concatenate([model.borders for model in models]),
        np.asarray(np.concatenate([model.leaves for model in models]) / len(models), np.float32),
        float(np.mean([model.bias for model in models])),
        np.zeros((len(LEVELS), len(ZONES)), np.float32) if limits is None else limits,
        words,
    )


def _words(pages: Sequence[Page]) -> tuple[Weights, list[Matrix]]:
    """The weights of the words of these pages, and the features of each page, whose words other sites have weighed."""
    of_site: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for page in pages:
        lines = zip(page.keys, page.labels.tolist(), strict=True)
        of_site[page.site] += [(words, label > 0) for words, label in lines if not math.isnan(label)]
    by_site = {site: shares(lines) for site, lines in of_site.items()}
    part = {site: zlib.crc32(f"words of {site}".encode()) % _PARTS for site in by_site}
    others = [weigh([own for site, own in by_site.items() if part[site] != number]) for number in range(_PARTS)]
    return weigh([*by_site.values()]), [_with_words(page, others[part[page.site]]) for page in pages]


def _with_words(page: Page, weights: Weights) -> Matrix:
    """The features of a page, WORDED too."""
    prose = page.rows[:, _COLUMN["prose"]] > 0
    return np.hstack([page.rows, worded(told(page.keys, prose, weights))])


def _exported(trees: Any) -> LineModel:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        trees.save_model(str(path), format="json")
        model = json.loads(path.read_text())
    scale, (bias,) = model["scale_and_bias"]
    columns = np.zeros((len(model["oblivious_trees"]), _DEPTH), np.int64)
    borders = np.full(columns.shape, np.inf, np.float32)
    leaves = np.zeros((len(columns), 2**_DEPTH), np.float32)
    for number, tree in enumerate(model["oblivious_trees"]):
        for place, split in enumerate(tree["splits"]):
            columns[number, place] = split["float_feature_index"]
            borders[number, place] = split["border"]
        values = (np.array(tree["leaf_values"]) * scale).astype(np.float16).astype(np.float32)
        leaves[number] = np.tile(values, 2**_DEPTH // len(values))
    return LineModel(columns, borders, leaves, float(bias), np.zeros((len(LEVELS), len(ZONES)), np.float32), {})


def _folds(pages: Sequence[Page], folder: Path | None) -> Matrix:
    """The limits that clean articles outside each fold's training set; the folds' models go to the folder."""
    numbers = np.array([zlib.crc32(page.site.encode()) % FOLDS for page in pages])
    models = [fit([page for page, own in zip(pages, numbers, strict=True) if own != fold]) for fold in range(FOLDS)]
    least = np.full((len(pages), len(ZONES)), np.nan, np.float32)
    for number, (page, fold) in enumerate(zip(pages, numbers, strict=True)):
        if page.clean and len(page.rows):
            rows = _with_words(page, models[fold].words)
            likely, zone = models[fold].probability(rows), zones(rows)
            least[number] = [likely[zone == own].min(initial=1.0) for own in range(len(ZONES))]
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for fold, model in enumerate(models):
            model = replace(model, limits=_limits(least[numbers != fold]))
            model.save(folder / f"{fold}.npz")
            ids = {page.id for page, own in zip(pages, numbers, strict=True) if own == fold}
            (folder / f"{fold}.txt").write_text("".join(f"{name}\n" for name in sorted(ids)), encoding="utf-8")
            path = json.dumps(str((folder / f"{fold}.npz").resolve()))
            (folder / f"{fold}.toml").write_text(f"[rules.LAY090]\nmodel = {path}\n", encoding="utf-8")
    return _limits(least)


def _limits(least: Matrix) -> Matrix:
    """Below which probability a line goes [LEVELS, ZONES]: few clean articles have a line below it."""
    rates = np.array(_CHANGED)
    limits = [np.nanquantile(least[:, zone], rates[:, zone]) for zone in range(len(ZONES))]
    return np.stack(limits, axis=1).astype(np.float32)


def _pages(name: str, clean: bool) -> list[Page]:
    """The pages of a file, ready for training. Collections whose lines or segments are labelled differ in whether
    headlines and bylines belong to the article: where they often do, such lines teach nothing."""
    pages = list(_read(name, clean))
    labelled = [(page, _convention(page.rows)) for page in pages if page.labelled]
    beside = [page.labels[convention & _about_the_article(page.labels)] for page, convention in labelled]
    labels = np.concatenate([np.zeros(0), *beside])
    if np.nansum(labels) > _COUNTED_IN * (~np.isnan(labels)).sum():
        for page, convention in labelled:
            page.labels[convention] = np.nan
    return pages


def _about_the_article(labels: Matrix) -> NDArray[np.bool_]:
    """The lines from some above the first line of the article to its last."""
    article = np.flatnonzero(labels == 1)
    flags = np.zeros(len(labels), np.bool_)
    if len(article):
        flags[max(0, article[0] - _ABOVE) : article[-1] + 1] = True
    return flags


def _read(name: str, clean: bool) -> Iterator[Page]:
    file, _, given = name.partition("=")
    path, weight = Path(file), float(given or 1)
    records = list(_records(path))
    if clean:
        records = records[:: max(1, len(records) // _MOST_CLEAN)]
    for record in records:
        gold = record.get("gold") or (record.get("text", "") if clean else "")
        texts = record["outputs"].values() if "outputs" in record else () if clean else (record.get("text"),)
        for text in texts:
            document = _document(text or "", record)
            yield _page(record, document, _labels(record, document, path), weight)
        if gold:
            document = _document(gold.replace("\r\n", "\n"), record)
            labels: Labels = [True] * len(document.blocks)
            yield _page(record, document, labels, weight * _GOLD_WEIGHT, clean=True)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}; one JSON object a line is wanted") from error


def _document(text: str, record: dict[str, Any]) -> Document:
    return annotate(segment(Article(text, title=record.get("title"), lang=record.get("lang"))))


def _labels(record: dict[str, Any], document: Document, path: Path) -> Labels:
    if "line_labels" in record:
        return by_line_labels(document, record["line_labels"])
    if "with" in record:
        marked = by_segments(document, record["with"], record["without"])
        votes = by_votes(document, _shorter_outputs(record, document.article.text))
        return [vote if label is None else label for label, vote in zip(marked, votes, strict=True)]
    if "gold" in record:
        return by_gold(document.blocks, record["gold"])
    raise InputError(f"{path}: a record needs gold, line_labels, or with and without; clean articles go to --clean")


def _shorter_outputs(record: dict[str, Any], text: str) -> list[str]:
    """What other extractors made of a page that left less of it."""
    return [output for output in record.get("outputs", {}).values() if output and len(output) < len(text)]


def _page(record: dict[str, Any], document: Document, labels: Labels, weight: float, clean: bool = False) -> Page:
    rows, keys = features(document, {})[:, : -len(WORDED)], [line.key for line in document.blocks]
    known = np.array([np.nan if label is None else label for label in labels], np.float32)
    words = np.minimum(np.sqrt(np.exp(rows[:, _COLUMN["words"]])), _MOST_WORDS**0.5)
    total = words[~np.isnan(known)].sum()
    labelled = ("line_labels" in record or "with" in record) and not clean
    site = _site(record.get("site") or urlsplit(record.get("url") or "").netloc or str(record.get("id", "")))
    return Page(
        str(record.get("id", "")), site, rows, keys, known, weight * words / np.sqrt(max(total, 1.0)), clean, labelled
    )


def _convention(rows: Matrix) -> NDArray[np.bool_]:
    """Which lines are headlines or bylines."""
    title = (rows[:, _COLUMN["title_share"]] >= 0.6) & (rows[:, _COLUMN["title_words"]] >= 0.5)
    byline = (rows[:, _COLUMN["cue_byline"]] > 0) | (rows[:, _COLUMN["dates"]] > 0.3)
    return np.asarray(title | byline)


def _site(host: str) -> str:
    """The name of a site without its suffix, so that one with several domains stays in one fold.

    >>> _site("news.bbc.co.uk"), _site("www.lemonde.fr")
    ('bbc', 'lemonde')
    """
    parts = host.lower().split(":")[0].split(".")
    if len(parts) > 1:
        parts = parts[:-1]
    if len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
        parts = parts[:-1]
    return parts[-1]


if __name__ == "__main__":
    main()
