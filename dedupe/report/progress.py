"""How far a long run is: a line on a terminal with a bar, the rate and the time that is left; nothing elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as Bar


class Progress:
    """Counts records while they go by. With `total` (in bytes) the bar fills; without it only moves."""

    def __init__(self, stream: TextIO, wanted: bool = True, total: int | None = None) -> None:
        self._bar: Bar | None = None
        self._records = 0
        if wanted and stream.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(file=stream), transient=True)
            self._task = self._bar.add_task("", total=total)
            self._bar.start()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def step(self, records: int = 1, size: int = 0) -> None:
        """So many records more, of so many bytes."""
        self._records += records
        if self._bar:
            rate = self._records / max(0.1, self._bar.tasks[0].elapsed or 0)
            told = f"{self._records:,} record{'s' * (self._records != 1)}, {rate:,.0f}/s"
            self._bar.update(self._task, advance=size, description=told)

    def phase(self, name: str) -> None:
        """All records are read; what follows takes its time too."""
        if self._bar:
            self._bar.update(self._task, description=f"{self._records:,} records, {name}", total=None)

    def end(self) -> None:
        """Make room for what follows."""
        if self._bar:
            self._bar.stop()
            self._bar = None
