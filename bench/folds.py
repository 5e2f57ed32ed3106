#!/usr/bin/env python3
"""Judge the line scorer fairly: each page is cleaned with the model of its fold, which saw neither it nor its site.

    bench/folds.py FOLDS SCRIPT.py DATA.jsonl.gz [the script's own options]

FOLDS is the folder that `python -m dedupe.lines.train --folds FOLDS` wrote; SCRIPT is a benchmark with a function
`clean(records, command, args)`. Records are dealt out by their ids, and the script's table is over all folds at once.
Pages that no model was trained on are judged by the first fold's.
"""

import importlib
import sys
from pathlib import Path


def main() -> None:
    folds, script = Path(sys.argv[1]), Path(sys.argv[2])
    fold_of = {name: path.stem for path in sorted(folds.glob("*.txt")) for name in path.read_text("utf-8").split("\n")}
    sys.path.insert(0, str(script.parent))
    bench = importlib.import_module(script.stem)
    clean = bench.clean

    def clean_by_fold(records, command, args):
        texts, seconds = {}, 0.0
        fold = [fold_of.get(record["id"].partition("@")[0], fold_of.get(record["id"], "0")) for record in records]
        for name in sorted(set(fold)):
            places = [place for place, own in enumerate(fold) if own == name]
            config = f"--config {folds / name}.toml {args}"
            cleaned, took = clean([records[place] for place in places], command, config)
            texts.update(zip(places, cleaned, strict=True))
            seconds += took
        return [texts[place] for place in range(len(records))], seconds

    bench.clean = clean_by_fold
    sys.argv = sys.argv[2:]
    bench.main()


if __name__ == "__main__":
    main()
