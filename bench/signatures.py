#!/usr/bin/env python3
"""How many articles a second become MinHash signatures, from raw text, on one core? Ours beside other projects'.

    bench/signatures.py [--articles 200] [--rounds 5] [--words 500]

The articles are made here, from seeds: invented words with the lengths, case and punctuation of news. All ways run one
after the other in each round, on the same articles, in process time; the best round counts. Each makes signatures of
128 values over word 5-shingles; the others get words and shingles made the plain way, by a regular expression. Peers
that are not installed are left out (`pip install datasketch rensa`).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import struct
import time
import unicodedata
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np

from dedupe.corpus.minhash import PERMUTATIONS, signatures
from dedupe.corpus.samples import samples
from dedupe.corpus.shingles import WIDTH, shingles, words

Way = Callable[[list[str]], object]
Split = Callable[[str], list[str]]

_LATIN = "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvk"
_CYRILLIC = "ооооооооааааааааеееееееиииииинннннннттттттсссссрррррвввввлллллккккмммдддпппуууяыыьгзбчйхжшюцщ"
_ARABIC = "اااااااااااالللللللليييييييممممممنننننوووووررررتتتتبببعععددسسفققككحجهةشصطخزذضثغئءى"
_HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 2500)))
_THAI = "กขคงจชซดตถทนบปผพมยรลวสหอ" * 3 + "ะัาิีึืุูเแโใไ่้็์ำ" * 2


def vocabulary(letters: str, draw: random.Random) -> list[str]:
    """Eight thousand words of one to sixteen letters, most of them short."""
    return ["".join(draw.choices(letters, k=1 + min(15, int(draw.gammavariate(2.6, 1.5))))) for _ in range(8000)]


def article(lexicon: list[str], weights: list[float], length: int, typographic: bool, draw: random.Random) -> str:
    """Paragraphs of sentences of 8 to 30 words, with names, numbers and quotations."""
    opening, closing, dash, apostrophe = ("“", "”", " — ", "’") if typographic else ('"', '"', " - ", "'")
    out, count = [], 0
    while count < length:
        size = draw.randint(8, 30)
        count += size
        chosen = draw.choices(lexicon, weights, k=size)
        for _ in range(size // 6):
            at = draw.randrange(size)
            chosen[at] = draw.choice(
                (chosen[at].capitalize(), str(draw.randrange(3000)), chosen[at] + apostrophe + "s")
            )
        chosen[0] = chosen[0].capitalize()
        chosen[size // 2] += draw.choice((",", "", dash.rstrip()))
        sentence = " ".join(chosen)
        out.append(f"{opening}{sentence},{closing} {chosen[1]}." if draw.random() < 0.3 else f"{sentence}.")
        out.append(draw.choice((" ", " ", "\n\n")))
    return "".join(out)


def corpora(number: int, length: int) -> Iterator[tuple[str, list[str]]]:
    """Name and articles of each kind of text."""
    kinds = {
        "English, ASCII only": (_LATIN, False),
        "English with curly quotes and dashes": (_LATIN, True),
        "Russian": (_CYRILLIC, True),
        "Arabic": (_ARABIC, True),
        "Chinese": (_HAN, True),
        "Thai": (_THAI, True),
    }
    weights = [1 / (rank + 3) for rank in range(8000)]
    for name, (letters, typographic) in kinds.items():
        draw = random.Random(name)
        lexicon = vocabulary(letters, draw)
        yield name, [article(lexicon, weights, length, typographic, draw) for _ in range(number)]


def plain_words(text: str) -> list[str]:
    """What `words` finds, by the quickest plain way, where no script is unspaced."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())


def plain_shingles(text: str, split: Split) -> list[str]:
    """The shingles of a text, as a plain program makes them."""
    found = split(text)
    return [" ".join(found[at : at + WIDTH]) for at in range(len(found) - WIDTH + 1)]


def ours(texts: list[str]) -> object:
    """The vectorised path."""
    return signatures(shingles(texts))


def ours_with_samples(texts: list[str]) -> object:
    """The vectorised path, and the samples for contained passages from the same shingles."""
    batch = shingles(texts)
    return signatures(batch), samples(batch)


def only_shingles(split: Split) -> Way:
    """Plain words and shingles alone: what no peer does by itself."""
    return lambda texts: sum(len(plain_shingles(text, split)) for text in texts)


def datasketch_way(split: Split) -> Way:
    """`MinHash.update_batch` with its default hash."""
    from datasketch import MinHash  # type: ignore[import-untyped,import-not-found,unused-ignore]

    empty = MinHash(num_perm=PERMUTATIONS, seed=1)

    def sign(texts: list[str]) -> object:
        found = []
        for text in texts:
            sketch = empty.copy()
            sketch.update_batch([shingle.encode() for shingle in plain_shingles(text, split)])
            found.append(sketch)
        return found

    return sign


def rensa_way(kind: str, split: Split) -> Way:
    """rensa's RMinHash or CMinHash (Rust)."""
    import rensa  # type: ignore[import-untyped,import-not-found,unused-ignore]

    sketch_of = getattr(rensa, kind)

    def sign(texts: list[str]) -> object:
        found = []
        for text in texts:
            sketch = sketch_of(num_perm=PERMUTATIONS, seed=1)
            sketch.update(plain_shingles(text, split))
            found.append(sketch.digest())
        return found

    return sign


def text_dedup_way(split: Split) -> Way:
    """The numpy path of text-dedup's `embed_func` (Chenghao Mou, Apache 2.0), typed anew."""
    prime, highest = np.uint64((1 << 61) - 1), np.uint64((1 << 32) - 1)
    draw = np.random.RandomState(1)
    multipliers = draw.randint(1, 1 << 61, PERMUTATIONS, dtype=np.uint64)
    increments = draw.randint(0, 1 << 61, PERMUTATIONS, dtype=np.uint64)

    def sign(texts: list[str]) -> object:
        found = []
        for text in texts:
            tokens = {shingle.encode() for shingle in plain_shingles(text, split)}
            hashes = np.array([struct.unpack("<I", hashlib.sha1(t).digest()[:4])[0] for t in tokens], dtype=np.uint64)
            permuted = ((hashes.reshape(-1, 1) * multipliers + increments) % prime) & highest
            found.append(permuted.min(axis=0, initial=highest))
        return found

    return sign


def ways(split: Split) -> dict[str, Way]:
    """The ways to sign by name, ours first."""
    found: dict[str, Way] = {"dedupe": ours, "dedupe, with samples": ours_with_samples}
    if find_spec("datasketch"):
        found[f"datasketch {version('datasketch')} update_batch"] = datasketch_way(split)
    if find_spec("rensa"):
        for kind in ("RMinHash", "CMinHash"):
            found[f"rensa {version('rensa')} {kind}"] = rensa_way(kind, split)
    found["text-dedup's numpy path"] = text_dedup_way(split)
    found["(plain words and shingles alone)"] = only_shingles(split)
    return found


def main() -> None:
    """Print a table for each kind of text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", type=int, default=500)
    options = parser.parse_args()
    for name in ("datasketch", "rensa"):
        if not find_spec(name):
            print(f"not installed: {name}")
    shingles(["the tables — are made once"])
    for kind, texts in corpora(options.articles, options.words):
        compared = ways(words if kind in ("Chinese", "Thai") else plain_words)
        best = dict.fromkeys(compared, float("inf"))
        for _ in range(options.rounds):
            for name, sign in compared.items():
                start = time.process_time()
                sign(texts)
                best[name] = min(best[name], time.process_time() - start)
        size = sum(map(len, texts)) / len(texts)
        print(f"\n{kind}: {size:.0f} characters, {len(shingles(texts).hashes) / len(texts):.0f} shingles an article\n")
        print(f"| {'way':34} | articles/s | us/article | dedupe is faster by |\n|---|---:|---:|---:|")
        for name, seconds in best.items():
            per = seconds / len(texts)
            print(f"| {name:34} | {1 / per:10,.0f} | {per * 1e6:10.1f} | {seconds / best['dedupe']:19.1f} |")


if __name__ == "__main__":
    main()
