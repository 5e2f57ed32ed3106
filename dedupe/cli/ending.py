"""How a command ends: exit codes, and one line on standard error instead of a traceback."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec

from dedupe.errors import DedupeError

DONE, FINDINGS, USAGE, UNREAD, STOPPED, PIPE_CLOSED = 0, 1, 2, 3, 130, 141

P = ParamSpec("P")


def ending(command: Callable[P, int]) -> Callable[P, NoReturn]:
    """Make a command that returns an exit code end with it; expected errors become a message and a code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> NoReturn:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except DedupeError as error:
            code = fail(str(error))
        except BrokenPipeError:
            # Nobody reads on. Python would complain when it flushes standard output at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = PIPE_CLOSED
        except OSError as error:
            code = fail(f"{error.filename or 'output'}: {error.strerror or error}; check the place and its permissions")
        except KeyboardInterrupt:
            fail("stopped; no file was written")
            code = STOPPED
        raise SystemExit(code)

    return run


def fail(message: str) -> int:
    """Say on standard error what is wrong; the exit code for wrong use."""
    print(f"dedupe: {message}", file=sys.stderr)
    return USAGE
