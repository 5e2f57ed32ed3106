"""Hugging Face datasets: a function for `Dataset.map` and `IterableDataset.map`, with ``batched=True``.

>>> from dedupe.integrations.datasets import CleanBatch
>>> CleanBatch()({"text": ["Snow fell. layers", None]})["cleaned"]
['Snow fell.', None]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dedupe._version import __version__
from dedupe.integrations.records import check_new, clean_columns, columns_of, library
from dedupe.io.record import Fields
from dedupe.pipeline import Cleaner


class CleanBatch:
    """Adds the columns `cleaned` and `plan` to a batch: ``dataset.map(CleanBatch(), batched=True)``.

    The arguments and the columns are those of `dedupe.integrations.frames.clean_frame`; the settings are those of
    `dedupe.Policy`, by name. It holds nothing but them, so it travels to the processes of ``num_proc``, and the library
    finds its cached result again as long as they and the version of dedupe are the same. Where the first articles may
    all be without text, ``map`` needs ``features=`` too, see `features`.

    ConfigError for an unknown setting; InputError when a column is missing, or one of a new name is there already.
    """

    def __init__(
        self,
        text: str = "text",
        *,
        title: str | None = None,
        id: str | None = None,
        url: str | None = None,
        site: str | None = None,
        published: str | None = None,
        lang: str | None = None,
        cleaned: str = "cleaned",
        plan: str = "plan",
        **settings: Any,
    ) -> None:
        Cleaner(**settings)
        self.named = Fields(text=text, title=title, id=id, url=url, site=site, published=published, lang=lang)
        self.added = (cleaned, plan)
        self.settings = settings
        self.version = __version__

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """The two new columns of a batch, which is a mapping of columns to their values."""
        check_new(batch, self.added)
        columns = {name: batch[name] for name in columns_of(batch, self.named)}
        values = clean_columns(columns, self.named, Cleaner(**self.settings))
        return dict(zip(self.added, values, strict=True))

    def features(self, features: Mapping[str, Any]) -> Any:
        """The features of a dataset with the two new columns, both strings: what ``map`` is given as ``features``."""
        datasets = library("datasets", "datasets")
        return datasets.Features({**features, **dict.fromkeys(self.added, datasets.Value("string"))})
