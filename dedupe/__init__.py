"""dedupe cleans scraped news articles: repeated sentences, captions and layout artefacts go, each with its reason.

>>> import dedupe
>>> result = dedupe.clean("The ferry sailed again on Monday. layers")
>>> result.text
'The ferry sailed again on Monday.'
>>> [d.finding.code for d in result.plan.decisions]
['LAY001']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedupe._version import __version__

if TYPE_CHECKING:
    from dedupe.corpus.index import Index
    from dedupe.errors import ConfigError, DedupeError, UndoError
    from dedupe.model import Article, Decision, Finding, Outcome, Plan
    from dedupe.pipeline import Cleaner, Result, clean
    from dedupe.policy import Level
    from dedupe.report.plan import plan_line, undo

_HOMES = {
    "dedupe.corpus.index": ("Index",),
    "dedupe.errors": ("ConfigError", "DedupeError", "UndoError"),
    "dedupe.model": ("Article", "Decision", "Finding", "Outcome", "Plan"),
    "dedupe.pipeline": ("Cleaner", "Result", "clean"),
    "dedupe.policy": ("Level",),
    "dedupe.report.plan": ("plan_line", "undo"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Article",
    "Cleaner",
    "ConfigError",
    "Decision",
    "DedupeError",
    "Finding",
    "Index",
    "Level",
    "Outcome",
    "Plan",
    "Result",
    "UndoError",
    "__version__",
    "clean",
    "plan_line",
    "undo",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import dedupe` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'dedupe' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
