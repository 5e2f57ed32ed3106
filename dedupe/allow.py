"""Write allowed wordings into a configuration file, and leave every other byte of it as it is.

There is no writer of TOML here: the wordings are put in where they seem to belong, and what comes out is parsed and
must be the old content with the wordings added. Where no place passes this test the file is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dedupe.config import parsed
from dedupe.errors import ConfigError
from dedupe.normalise import key

_ARRAY = re.compile(r"""^[ \t]*(?:allow|"allow"|'allow')[ \t]*=[ \t]*\[""", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<comment>\#[^\n]*)|(?P<comma>,)|(?P<end>\])"""
    r'''|(?P<string>"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*')''',
    re.DOTALL,
)
_HEADER = re.compile(r"(?:^[ \t]*#[^\n]*\n)*^[ \t]*\[", re.MULTILINE)
_OWN_HEADER = re.compile(r"^[ \t]*\[[^\]\n]*\bdedupe\b[^\]\n]*\][^\n]*(?:\n|\Z)", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Sorted(NamedTuple):
    """Wordings by what can be done with them: to be added, allowed already, not possible."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    impossible: tuple[str, ...]


def sort(wordings: Iterable[str], allowed: Iterable[str]) -> Sorted:
    """Which wordings are new beside those allowed; a wording without a word, as rules compare it, cannot be allowed.

    >>> sort(["Ferry timetable here", "ferry  TIMETABLE here!", "* * *"], ["Sign up"])
    Sorted(new=('Ferry timetable here',), known=('ferry  TIMETABLE here!',), impossible=('* * *',))
    """
    held = [f" {key(wording)} " for wording in allowed if key(wording)]
    new, known, impossible = [], [], []
    for wording in wordings:
        folded = key(wording)
        if not folded or _SURROGATE.search(wording):
            impossible.append(wording)
        elif any(other in f" {folded} " for other in held):
            known.append(wording)
        else:
            new.append(wording)
            held.append(f" {folded} ")
    return Sorted(tuple(new), tuple(known), tuple(impossible))


def allowed_in(path: Path, raw: bytes) -> tuple[str, ...]:
    """The wordings that a configuration file allows. ConfigError when it is no TOML or `allow` is no list of them."""
    table = _ours(path, parsed(path, raw))
    wordings = table.get("allow", []) if isinstance(table, dict) else None
    if not isinstance(wordings, list) or not all(isinstance(wording, str) for wording in wordings):
        raise ConfigError(f"{path}: 'allow' must be a list of strings in a table, not {wordings!r}")
    return tuple(wordings)


def added(path: Path, raw: bytes, wordings: Sequence[str]) -> bytes:
    """A configuration file's bytes with wordings added to `allow`; nothing else in it differs.

    ConfigError where no place for them is found.

    >>> added(Path("dedupe.toml"), b'allow = ["Sign up"]  # ours', ["Read on"])
    b'allow = ["Sign up", "Read on"]  # ours'
    """
    if not wordings:
        return raw
    wanted = parsed(path, raw)
    wanted_table = _ours(path, wanted)
    if isinstance(wanted_table, dict):
        wanted_table["allow"] = [*allowed_in(path, raw), *wordings]
        mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
        text = raw.decode("utf-8-sig")
        for attempt in _attempts(path, text, [_string(wording) for wording in wordings]):
            written = f"{mark}{attempt}".encode()
            try:
                if parsed(path, written) == wanted:
                    return written
            except ConfigError:
                continue
    raise ConfigError(f"{path}: found no place to add to `allow`: write it there as a list of strings, allow = […]")


def _ours(path: Path, content: dict[str, Any]) -> Any:
    """The table that holds the settings, made in the content where it is missing."""
    if path.name != "pyproject.toml":
        return content
    tools = content.setdefault("tool", {})
    return tools.setdefault("dedupe", {}) if isinstance(tools, dict) else None


def _attempts(path: Path, text: str, strings: list[str]) -> Iterator[str]:
    """The text with the strings at each place where they may belong, the likely ones first."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    for found in _ARRAY.finditer(text):
        yield from _in_array(text, found.end(), strings, line_end)
    array = line_end.join(["allow = [", *(f"    {string}," for string in strings), "]", ""])
    if path.name == "pyproject.toml":
        for found in _OWN_HEADER.finditer(text):
            before = text[: found.end()]
            yield f"{_ended(before, line_end)}{array}{text[found.end() :]}"
        yield f"{_ended(text, line_end)}{line_end if text else ''}[tool.dedupe]{line_end}{array}"
        return
    for found in _HEADER.finditer(text):
        yield f"{text[: found.start()]}{array}{line_end}{text[found.start() :]}"
    yield f"{_ended(text, line_end)}{array}"


def _ended(text: str, line_end: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}{line_end}"


def _in_array(text: str, start: int, strings: list[str], line_end: str) -> Iterator[str]:
    """The text with strings behind the last one of the array that starts there."""
    last = behind = start
    comma = True
    at = start
    while found := _TOKEN.match(text, at):
        at = found.end()
        if found["end"]:
            separator = "" if comma else ","
            if line_end in text[start : found.start()]:
                indent = _indent(text, start, found.start())
                more = "".join(f"{line_end}{indent}{string}," for string in strings)
                yield f"{text[:last]}{separator}{text[last:behind]}{more}{text[behind:]}"
            else:
                space = " " if last > start else ""
                yield f"{text[:behind]}{separator}{space}{', '.join(strings)}{text[behind:]}"
            return
        if not found["space"]:
            behind = at
        if found["string"]:
            last, comma = at, False
        comma = comma or found["comma"] is not None


def _indent(text: str, start: int, end: int) -> str:
    """How far the entries of an array over several lines are set in."""
    entry = re.search(r"\n([ \t]*)[\"'#]", text[start:end])
    return entry[1] if entry else "    "


def _string(wording: str) -> str:
    return json.dumps(wording, ensure_ascii=False).replace("\x7f", "\\u007f")
