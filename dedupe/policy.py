"""Policy: what a user wants done. Configuration files, command line and library arguments all become one Policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dedupe.errors import ConfigError, nearest
from dedupe.model import Safety


class Level(str, Enum):
    """How sure a finding must be to be applied. The edits of a level contain those of the level below.

    >>> import dedupe
    >>> [dedupe.clean("Rain fell. layers\\nSun.", level=level).changed for level in dedupe.Level]
    [False, True, True]
    """

    SAFE = "safe"
    STANDARD = "standard"
    STRICT = "strict"

    @property
    def floor(self) -> Safety:
        """The least safety that this level applies.

        >>> Level.STANDARD.floor.name
        'LIKELY'
        """
        return {Level.SAFE: Safety.SAFE, Level.STANDARD: Safety.LIKELY, Level.STRICT: Safety.DOUBTFUL}[self]


@dataclass(frozen=True, slots=True)
class Policy:
    """What to look for and what to do with it.

    level     which findings are applied: "safe", "standard" or "strict"
    select    codes, code prefixes or names of the rules to run; empty: all
    ignore    codes, prefixes or names of rules not to run; the longest match of select and ignore wins
    allow     wordings that are never touched: a finding whose text, folded, contains one is suppressed
    budget    the largest share (0 to 1) of the article's own prose that may be cut
    options   for each rule's code its own options, as in the configuration file
    """

    level: Level = Level.STANDARD
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    budget: float = 0.5
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "level", Level(self.level))
        except ValueError:
            known = [level.value for level in Level]
            raise ConfigError(
                f"unknown level {self.level!r}{nearest(str(self.level), known)}; choose from {', '.join(known)}"
            ) from None
        for name in ("select", "ignore", "allow"):
            value = getattr(self, name)
            values = (value,) if isinstance(value, str) else value
            if not isinstance(values, (tuple, list, set, frozenset)) or not all(isinstance(v, str) for v in values):
                raise ConfigError(f"{name} must be a string or a list of strings, not {value!r}")
            object.__setattr__(self, name, tuple(values))
        if not isinstance(self.options, Mapping) or not all(isinstance(v, Mapping) for v in self.options.values()):
            raise ConfigError('options must be a table for each rule, such as {"REP001": {"min_words": 8}}')
        if isinstance(self.budget, bool) or not isinstance(self.budget, (int, float)) or not 0 <= self.budget <= 1:
            raise ConfigError(f"budget must be a share between 0 and 1, not {self.budget!r}")
