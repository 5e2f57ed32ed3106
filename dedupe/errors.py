"""Every error that dedupe raises on purpose.

    DedupeError
    ├── InputError       what was given cannot be read: encoding, broken record, wrong type, missing field
    │   └── OutputError       an output cannot stand where it should
    ├── ConfigError      an unknown rule, level, option or field of the configuration
    └── UndoError        a plan does not belong to this text
        └── ChangedTextError  the text was edited since it was cleaned

Each message says what is wrong and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable


class DedupeError(Exception):
    """The base of all errors that dedupe raises on purpose.

    >>> import dedupe
    >>> try:
    ...     dedupe.clean("Rain fell.", level="gentle")
    ... except dedupe.DedupeError as error:
    ...     print(error)
    unknown level 'gentle'; choose from safe, standard, strict
    """


class InputError(DedupeError):
    """What was given cannot be read."""


class OutputError(InputError):
    """An output cannot stand where it should."""


class ConfigError(DedupeError):
    """An unknown rule, level, option or field of the configuration; the message names the nearest that is known.

    >>> import dedupe
    >>> dedupe.clean("Rain fell.", select="CAP01")
    Traceback (most recent call last):
    dedupe.errors.ConfigError: unknown rule 'CAP01'; did you mean 'CAP001'?
    """


class UndoError(DedupeError):
    """A plan does not belong to this text, or the text was edited since.

    >>> import dataclasses, dedupe
    >>> result = dedupe.clean("Rain fell. layers\\nThe sun shone.")
    >>> edited = dataclasses.replace(result, text="Rain fell, much rain.")
    >>> try:
    ...     edited.undo()
    ... except dedupe.UndoError as error:
    ...     print(str(error)[:53])
    the text of this article was edited after it was clea
    """


class ChangedTextError(UndoError):
    """The text was edited since it was cleaned."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word closest to a mistyped one: ``"; did you mean 'level'?"``, or nothing.

    >>> nearest("levle", ["level", "select"])
    "; did you mean 'level'?"
    >>> nearest("xyz", ["level", "select"])
    ''
    """
    import difflib

    close = difflib.get_close_matches(word.lower(), [k.lower() for k in known], n=1, cutoff=0.5)
    original = {k.lower(): k for k in known}
    return f"; did you mean {original[close[0]]!r}?" if close else ""
