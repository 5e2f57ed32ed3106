"""Shingles, signatures and samples: the vectorised paths against slow, plain references, value for value."""

from __future__ import annotations

import pickle
import random
import re
import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedupe.corpus import minhash as minhash_module
from dedupe.corpus import shingles as shingles_module
from dedupe.corpus.minhash import PERMUTATIONS, hash32, minhash, signatures
from dedupe.corpus.samples import WINDOW, samples
from dedupe.corpus.shingles import WIDTH, Shingles, shingle_hash, shingles, word_spans, words

SENTENCES = [
    "The lock gates at Varn were opened again on Monday, after 12½ weeks of repairs.",
    "“It’s café weather,” said Ødegaard-Lunt… and the naïve crowd—some 3,000—cheered: ﬁne!",
    "Мост через реку Ольху открыли в понедельник, сообщила мэр Ирина Лозовая.",
    "أُعيدَ فتحُ الجسرِ فوق نهر سلوى يوم الإثنين، وفقاً لما ذكرته البلديةُ.",
    "東京の新しい橋は月曜日に開通した。ｶﾞｽ料金は１２％上がる。",
    "สะพานใหม่เหนือแม่น้ำทองเปิดใช้แล้วเมื่อวันจันทร์",
    "새 다리가 월요일에 다시 열렸다고 하늘시 시장이 말했다.",
    "सोनपुर की नई सड़क सोमवार को फिर से खोल दी गई।",
    "Η ΟΔΟΣ ΤΗΣ ΒΑΡΝΑΣ, Σ'ΑΥΤΌ — İstanbul'dan gelen IŞIK",
    unicodedata.normalize("NFD", "강변의 새 다리가 다시 열렸다 — Đặng Thị Ngân đã nói"),
    "Cafe\u0301 Zu\u0308rich\u00a0opened 🎉 𝔙arn 𐐀𐐁 now_and_then x² ª ß ẞ",
]
# What is folded together with its neighbours, or into more or fewer characters than it was.
TRICKY = "\u0301\u0308\u0327\u064e\u0651\u0653\u093c\u09be\u0e33\u0e4d\u1100\u1161\u11a8\uac00\u3099\uff9e" + (
    "ΣσςİIıſ½ﬁﷺ…\u00a0\u200d´µªǅ\ufa6c\ufb1d豈\U0002f800🎉𝔙𐐀\x00\n\u2028_\ud800\udc00\udfff中かขא9٣क़"
)
CHARACTERS = st.one_of(
    st.sampled_from("ab  ,é’Я中"), st.sampled_from(TRICKY), st.characters(), st.integers(0, 0xFFFF).map(chr)
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(" ".join(SENTENCES).split()), max_size=40).map(" ".join),
    st.text(CHARACTERS, max_size=60),
    st.lists(st.text(CHARACTERS, min_size=1, max_size=12), max_size=12).map(" ".join),
)
BATCHES = st.lists(TEXTS, max_size=6)


def rows(batch: Shingles) -> list[list[int]]:
    return [part.tolist() for part in np.split(batch.hashes, batch.offsets[1:-1])][: len(batch.offsets) - 1]


def plain_shingles(text: str) -> list[int]:
    found = words(text)
    return [shingle_hash(found[at : at + WIDTH]) for at in range(len(found) - WIDTH + 1)]


def batch_of(*hashes: list[int]) -> Shingles:
    sizes = [len(row) for row in hashes]
    return Shingles(
        np.array([value for row in hashes for value in row], dtype=np.uint64), np.cumsum([0, *sizes]).astype(np.int64)
    )


@given(BATCHES)
@example(SENTENCES)
@example(["", "one two three four five", "", "", "six", "a " * 9, ""])
@example([" ".join("x" * size for size in range(1, 40))])
def test_hashes_are_those_of_the_plain_reference(texts: list[str]) -> None:
    batch = shingles(texts)
    assert batch.hashes.dtype == np.uint64
    assert batch.offsets.dtype == np.int64
    assert rows(batch) == [plain_shingles(text) for text in texts]


@given(BATCHES.filter(any), st.integers(1, 100))
def test_a_text_hashes_alike_in_every_batch(texts: list[str], block: int) -> None:
    whole, signed = shingles(texts), signatures(shingles(texts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingles_module, "_BLOCK", block)
        patch.setattr(minhash_module, "_BLOCK", block)
        small = shingles(texts)
        assert (signatures(small) == signed).all()
    assert rows(small) == rows(whole) == [row for text in texts for row in rows(shingles([text]))]


def test_every_character_folds_as_python_folds_it() -> None:
    texts = [f"a{chr(code)}b {chr(code)}" for code in range(0x10000)]
    wrong = [text for text in texts if shingles_module._folded(text).decode().split() != words(text)]
    assert not wrong


def test_what_is_folded_once_is_looked_up_as_it_is() -> None:
    table, _ = shingles_module._tables()
    folded = {char for code in range(0x110000) for char in unicodedata.normalize("NFKC", chr(code)).lower()}
    wrong = [
        char
        for char in folded
        if char <= "\uffff"
        and not "\ud800" <= char <= "\udfff"
        and chr(table[ord(char)] & 0xFFFF) != (char if re.match(r"\w", char) else " ")
    ]
    assert not wrong


def test_words_are_runs_of_word_characters_and_single_characters_of_unspaced_scripts() -> None:
    assert words("Don’t_stop: ＡＢＣ 3.5%") == ["don", "t_stop", "abc", "3", "5"]
    assert words("Varn市の新a橋") == ["varn", "市", "の", "新", "a", "橋"]
    assert words("ขำ") == ["ข", "า"]
    assert words("한글 다리") == ["한글", "다리"]


def test_hashes_stay_what_they_are() -> None:
    """They stand in indexes on disk: whoever changes one of these has to change the index's version."""
    assert shingle_hash(["the", "ferry", "to", "varn", "sails"]) == 0x9856487BC7C1C3EC
    assert shingle_hash(["straßenbahnhaltestelle", "東", "京", "мост", "3"]) == 0x3F46C3FF5AE75B23


def test_order_and_bounds_of_words_count() -> None:
    ordered = ["a", "b", "c", "d", "e"]
    variants = [ordered, ["b", "a", "c", "d", "e"], ["a", "b", "d", "c", "e"], ["a", "b", "c", "e", "d"], ordered[::-1]]
    variants += [["c", "b", "a", "d", "e"], ["ab", "", "c", "d", "e"], ["a" * 8, "b", "c", "d", "e"]]
    variants += [["a" * 9, "b", "c", "d", "e"], ["a" * 16, "b", "c", "d", "e"], ["b" * 8 + "a" * 8, "b", "c", "d", "e"]]
    variants += [["a" * 8 + "b" * 8, "b", "c", "d", "e"]]
    assert len({shingle_hash(variant) for variant in variants}) == len(variants)
    with pytest.raises(ValueError, match="unpack"):
        shingle_hash(["a", "b", "c", "d"])


def test_hashes_are_spread_over_all_bits() -> None:
    hashes = shingles([" ".join(f"w{number}" for number in range(20_004))]).hashes
    assert len(np.unique(hashes)) == 20_000
    ones = (hashes[:, None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)).mean(axis=0)
    assert np.abs(ones - 0.5).max() < 0.02  # more than five standard deviations


@given(TEXTS)
@example("½ km of Cafe\u0301s ﬁne … İpek ΑΣ'Α")
@example("İpek İz'de kaldı")
@example("a\u0316\u0301 b e\u0316\u0301 c")
@example(" ".join(SENTENCES))
def test_a_words_span_holds_the_word(text: str) -> None:
    spans, found = word_spans(text), words(text)
    assert spans.dtype == np.int64
    assert spans.shape == (len(found), 2)
    assert (np.diff(spans, axis=0) >= 0).all()
    for (start, end), word in zip(spans.tolist(), found, strict=True):
        assert 0 <= start < end <= len(text)
        inside = [inner.replace("ς", "σ") for inner in words(text[start:end])]  # what follows decides which sigma
        assert word.replace("ς", "σ") in inside


def test_word_spans_are_exact() -> None:
    text = "¼ of “Cafe\u0301s” at ﬁfty…\u00a0İpek 東京 end"
    spans = word_spans(text).tolist()
    shown = [text[start:end] for start, end in spans]
    assert shown == ["¼", "¼", "of", "Cafe\u0301s", "at", "ﬁfty", "İ", "pek", "東", "京", "end"]
    assert words(text) == ["1", "4", "of", "cafés", "at", "fifty", "i", "pek", "東", "京", "end"]


def plain_minhash(text: str) -> Any:
    from datasketch import MinHash

    found = words(text)
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32", hashfunc=hash32)
    sketch.update_batch([" ".join(found[at : at + WIDTH]).encode() for at in range(len(found) - WIDTH + 1)])
    return sketch


@given(BATCHES)
@example(["", *SENTENCES, "", " ".join(SENTENCES)])
def test_signatures_are_datasketchs(texts: list[str]) -> None:
    signed = signatures(shingles(texts))
    assert signed.dtype == np.uint32
    assert signed.shape == (len(texts), PERMUTATIONS)
    for text, row in zip(texts, signed, strict=True):
        assert minhash(row) == plain_minhash(text)


def test_datasketch_goes_on_with_a_signature() -> None:
    from datasketch import MinHash, MinHashLSH

    first, second = SENTENCES[0] + " It rained in the old harbour all day.", SENTENCES[0] + " It snowed at noon."
    one, other = map(minhash, signatures(shingles([first, second])))
    assert one.jaccard(other) == plain_minhash(first).jaccard(plain_minhash(second)) > 0
    lsh = MinHashLSH(threshold=0.5, num_perm=PERMUTATIONS)
    lsh.insert("one", one)
    assert lsh.query(plain_minhash(first)) == ["one"]
    one.update(b"the ferry to varn sails")
    expected = plain_minhash(first)
    expected.update(b"the ferry to varn sails")
    assert one == expected
    assert pickle.loads(pickle.dumps(one)) == MinHash.union(one, expected)
    assert minhash(signatures(shingles([""]))[0]).is_empty()


def test_the_estimate_errs_as_minhash_does() -> None:
    draw = np.random.default_rng(11)
    for size, common in ((7, 6), (30, 20), (60, 50), (500, 400)):
        pairs = []
        for _ in range(600):
            hashes = draw.integers(0, 2**64, 2 * size - common, dtype=np.uint64).tolist()
            pairs += [hashes[:size], hashes[size - common :]]
        signed = signatures(batch_of(*pairs))
        exact = common / (2 * size - common)
        errors = (signed[::2] == signed[1::2]).mean(axis=1) - exact
        deviation = (exact * (1 - exact) / PERMUTATIONS) ** 0.5
        assert abs(errors.mean()) < 4 * deviation / 600**0.5
        assert 0.85 * deviation < errors.std() < 1.15 * deviation


def plain_samples(hashes: list[int], window: int) -> list[int]:
    return sorted({min(hashes[at : at + window]) for at in range(len(hashes) - window + 1)})


ROWS = st.lists(st.lists(st.one_of(st.integers(0, 6), st.integers(0, 2**64 - 1)), max_size=40), max_size=5)


@given(ROWS, st.integers(1, 30))
@example([[], [1, 1], [1, 1, 2, 1], [], [1], []], 2)
def test_samples_are_the_least_hash_of_each_window(hashes: list[list[int]], window: int) -> None:
    sampled = samples(batch_of(*hashes), window)
    assert sampled.hashes.dtype == np.uint64
    assert sampled.offsets.dtype == np.int64
    assert rows(sampled) == [plain_samples(row, window) for row in hashes]


@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 60))
def test_a_common_passage_shares_a_sample(seed: int, before: int, after: int) -> None:
    draw = random.Random(seed)
    passage = [draw.getrandbits(64) for _ in range(WINDOW)]
    longer = [*(draw.getrandbits(64) for _ in range(before)), *passage, *(draw.getrandbits(64) for _ in range(after))]
    shorter = [*passage, *(draw.getrandbits(64) for _ in range(before))]
    in_longer, in_shorter = rows(samples(batch_of(longer, shorter)))
    assert set(in_longer) & set(in_shorter) & set(passage)


def test_samples_are_few() -> None:
    draw = random.Random(5)
    sampled = samples(batch_of(*([draw.getrandbits(64) for _ in range(500)] for _ in range(50))))
    assert np.diff(sampled.offsets).mean() == pytest.approx(2 * 500 / (WINDOW + 1), rel=0.1)
