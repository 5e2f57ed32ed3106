"""`dedupe rules`: the table of rules, or one rule's manual page."""

from __future__ import annotations

from typing import Annotated

import typer

from dedupe.cli.ending import DONE, ending


@ending
def rules(
    rule: Annotated[
        str | None, typer.Argument(metavar="CODE", help="A rule's code or name, or the beginning of codes.")
    ] = None,
) -> int:
    """List the rules, or print the manual page of one."""
    from dedupe.rule import selected

    chosen = selected((rule,) if rule else ())
    if rule and len(chosen) == 1:
        typer.echo(f"{chosen[0].code} {chosen[0].name}\n\n{chosen[0].manual.strip()}")
        return DONE
    width = max((len(r.name) for r in chosen), default=0)
    for r in chosen:
        typer.echo(f"{r.code}  {r.name:<{width}}  {r.summary}")
    return DONE
