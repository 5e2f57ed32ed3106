"""Configuration files: `dedupe.toml`, or the table [tool.dedupe] of a `pyproject.toml`.

    level = "standard"                  # safe, standard or strict
    select = ["REP", "LAY001"]          # codes, prefixes or names of the rules to run
    ignore = ["caption"]
    allow = ["Sign up for our club"]    # wordings that are never touched
    budget = 0.5                        # the largest share of an article's prose that may be cut

    [rules.REP001]                      # a rule's own options, by its code or name
    min_words = 9

    [fields]                            # the fields or columns of your records, where they are not the usual ones
    text = "brødtekst"                  # also title, id, url, site, published, lang

The file is looked for from the working folder upwards; the nearest counts, and in one folder `dedupe.toml` comes first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from dedupe.errors import ConfigError, nearest
from dedupe.pipeline import rules_for
from dedupe.policy import Policy
from dedupe.rule import all_rules

Settings = dict[str, Any]


class Configuration(NamedTuple):
    """What a configuration file says: settings by the names of `Policy`'s fields, and which fields hold an article."""

    settings: Settings
    fields: dict[str, str]


_PARTS = ("text", "id", "title", "url", "site", "published", "lang")


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _names(value: Any) -> bool:
    return isinstance(value, dict) and all(part in _PARTS and isinstance(value[part], str) for part in value)


def _tables(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(entry, dict) for entry in value.values())


_KEYS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "level": (lambda value: isinstance(value, str), 'a string such as "safe"'),
    "select": (_strings, 'a list of strings such as ["REP001"]'),
    "ignore": (_strings, 'a list of strings such as ["REP001"]'),
    "allow": (_strings, "a list of strings"),
    "budget": (lambda value: isinstance(value, (int, float)) and not isinstance(value, bool), "a number from 0 to 1"),
    "rules": (_tables, "tables such as [rules.REP001]"),
    "fields": (_names, f"a table of strings; known: {', '.join(_PARTS)}"),
}


def load(start: Path | None = None, explicit: Path | None = None) -> Configuration:
    """The configuration; empty when there is no file.

    `explicit` names the file; otherwise it is looked for from `start` (default: the working folder) upwards.
    ConfigError when the named file is missing, a file is no TOML, or holds an unknown key, rule or option, or a wrong
    type.
    """
    found = (explicit, _table(explicit)) if explicit else _nearest(start)
    if found is None:
        return Configuration({}, {})
    path, table = found
    if table is None:
        raise ConfigError(f"{path} has no table [tool.dedupe]: add it, or name a dedupe.toml")
    settings = _settings(path, table)
    return Configuration(settings, settings.pop("fields", {}))


def nearest_file(start: Path | None = None) -> Path | None:
    """The configuration file that counts in a folder (default: the working folder), or None."""
    found = _nearest(start)
    return found[0] if found else None


def _nearest(start: Path | None) -> tuple[Path, Any] | None:
    """The configuration file that counts in a folder, and the part of it that is ours."""
    folder = (start or Path()).resolve()
    for place in (folder, *folder.parents):
        for name in ("dedupe.toml", "pyproject.toml"):
            path = place / name
            table = _table(path) if path.is_file() else None
            if table is not None:
                return path, table
    return None


def parsed(path: Path, raw: bytes) -> Settings:
    """The whole content of a TOML file. ConfigError when it is none."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigError(f"{path} is no valid TOML: {error}") from None


def _table(path: Path) -> Any:
    """The part of a TOML file that is ours; None when a pyproject.toml has none."""
    try:
        content = parsed(path, path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; check the name") from None
    if path.name != "pyproject.toml":
        return content
    tools = content.get("tool")
    return tools.get("dedupe") if isinstance(tools, dict) else None


def _settings(path: Path, table: Any) -> Settings:
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.dedupe must be a table [tool.dedupe]")
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"{path}: unknown key {key!r}{nearest(key, _KEYS)}; known: {', '.join(_KEYS)}")
        fits, kind = _KEYS[key]
        if not fits(value):
            raise ConfigError(f"{path}: {key!r} must be {kind}, not {value!r}")
    settings = dict(table)
    if "rules" in settings:
        settings["options"] = _by_code(path, settings.pop("rules"))
    try:
        rules_for(Policy(**{key: value for key, value in settings.items() if key != "fields"}))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    return settings


def _by_code(path: Path, tables: Settings) -> Settings:
    """The rules' tables by code; a table may be called by the rule's name."""
    codes = {rule.name: rule.code for rule in all_rules()}
    found: Settings = {}
    for name, options in tables.items():
        code = codes.get(name, name)
        if code in found:
            raise ConfigError(f"{path}: {code} has two tables, by its code and by its name: keep one")
        found[code] = options
    return found
