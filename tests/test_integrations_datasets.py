"""datasets: batches with texts missing, results cached by settings and version, and what is refused."""

from __future__ import annotations

import pytest

from dedupe.errors import ConfigError, InputError
from dedupe.integrations.datasets import CleanBatch


def test_datasets_features_hold_where_the_first_texts_are_missing() -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"text": [None, None, "Snow fell. layers"]})
    clean = CleanBatch()
    done = data.map(clean, batched=True, batch_size=2, features=clean.features(data.features))
    assert list(done["cleaned"]) == [None, None, "Snow fell."]
    streamed = list(data.to_iterable_dataset().map(clean, batched=True, batch_size=2))
    assert [row["cleaned"] for row in streamed] == [None, None, "Snow fell."]


def test_datasets_finds_its_cached_result_by_settings_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets")
    from datasets.fingerprint import Hasher

    used = CleanBatch(level="safe")
    used({"text": ["Snow fell."]})
    assert Hasher.hash(used) == Hasher.hash(CleanBatch(level="safe")) != Hasher.hash(CleanBatch())
    monkeypatch.setattr("dedupe.integrations.datasets.__version__", "0.0.0")
    assert Hasher.hash(used) != Hasher.hash(CleanBatch(level="safe"))


def test_a_batch_with_a_plan_is_refused() -> None:
    with pytest.raises(InputError, match="a field 'plan' already"):
        CleanBatch()({"text": ["Snow fell."], "plan": [""]})
    with pytest.raises(ConfigError, match="unknown level"):
        CleanBatch(level="gentle")
