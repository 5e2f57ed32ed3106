"""datatrove: `DedupeFormatter`, a step of a pipeline that cleans the text of each document.

The plan stands in the document's metadata, so that nothing is lost. `DedupeFormatter` is made when it is asked for,
because it is a datatrove `PipelineStep`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from dedupe.integrations.records import article_of, check_new, library, plan_of
from dedupe.io.record import Fields
from dedupe.pipeline import Cleaner


class _Formatter:
    """Cleans each document: `text` is the cleaned one, ``metadata[plan]`` the plan line as a JSON string.

    ``dedupe.undo(document.text, json.loads(document.metadata["plan"]))`` gives the text back. Title, URL, site, date
    and language are looked for in the metadata, in the usual fields. A document without text passes. datatrove's
    statistics count "total", "changed", "without_text", and each outcome by rule ("applied/LAY001").
    The settings are those of `dedupe.Policy`, by name.

    ConfigError for an unknown setting; InputError where the metadata has a field of the plan's name already.
    """

    type = "✂️ - FORMAT"
    name = "dedupe"

    if TYPE_CHECKING:
        stat_update: Callable[..., None]
        track_time: Callable[[], AbstractContextManager[Any]]

    def __init__(self, plan: str = "plan", **settings: Any) -> None:
        super().__init__()
        Cleaner(**settings)
        self.plan = plan
        self.settings = settings

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:  # noqa: ARG002
        """The documents in their order, cleaned in place."""
        cleaner = Cleaner(**self.settings)
        for document in data or ():
            self.stat_update("total")
            with self.track_time():
                self._clean(document, cleaner)
            yield document

    def _clean(self, document: Any, cleaner: Cleaner) -> None:
        record = {**document.metadata, "text": document.text, "id": document.id}
        found = article_of(record, Fields(text="text", id="id"))
        if found is None:
            self.stat_update("without_text")
            return
        check_new(document.metadata, [self.plan])
        result = cleaner.clean(found[1])
        document.text, document.metadata[self.plan] = result.text, plan_of(result)
        if result.changed:
            self.stat_update("changed")
        for decision in result.plan.decisions:
            self.stat_update(f"{decision.outcome.value}/{decision.finding.code}")


def __getattr__(name: str) -> Any:
    if name != "DedupeFormatter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    step = library("datatrove.pipeline.base", "datatrove").PipelineStep
    made = type(name, (_Formatter, step), {"__module__": __name__, "__doc__": _Formatter.__doc__})
    globals()[name] = made
    return made
