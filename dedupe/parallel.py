"""Work in processes: tasks go out and results come back in order, with few of them in memory at any time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Generic, TypeVar

from dedupe.errors import DedupeError

Task = TypeVar("Task")
Answer = TypeVar("Answer")
State = TypeVar("State")

_WAITING = 3


class WorkerError(DedupeError):
    """A worker process ended before its work was done."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def nothing() -> Any:
    """What to prepare where functions need nothing but their tasks."""


class Workers(Generic[State]):
    """`jobs` worker processes, started with the first task; with one job all is done in this process.

    Each process calls `prepare` once, unless this one has its `own` already, and what it gives goes to each function
    with its task. All but `own` must be picklable: functions of a module, with plain data. When the block ends in an
    error the processes end at once, and they never outlive this one.
    """

    def __init__(self, jobs: int, prepare: Callable[[], State] = nothing, own: State | None = None) -> None:
        self.jobs = jobs
        self._prepare = prepare
        self._own = own
        self._pool: ProcessPoolExecutor | None = None
        self._alive: Connection | None = None

    def __enter__(self) -> Workers[State]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is None:
            return
        if self._alive and kind:
            self._alive.close()
            _forget(self._pool)
        self._pool.shutdown(cancel_futures=True)

    def map(
        self,
        function: Callable[[State, Task], Answer],
        tasks: Iterable[Task],
        lost: Callable[[Task], Iterator[Answer]] | None = None,
    ) -> Iterator[Answer]:
        """The function's answers in the order of the tasks.

        A task with which a worker process ends, also when it is tried once more alone, is `lost`: what that answers
        takes its place, and the rest goes on. Without it WorkerError.
        """
        if self.jobs == 1:
            if self._own is None:
                self._own = self._prepare()
            for task in tasks:
                yield function(self._own, task)
            return
        waiting: deque[tuple[Task, Future[Answer]]] = deque()
        for task in tasks:
            waiting.append((task, self._submit(function, task)))
            if len(waiting) >= _WAITING * self.jobs:
                yield from self._first(function, waiting, lost)
        while waiting:
            yield from self._first(function, waiting, lost)

    def alone(self, function: Callable[[State, Task], Answer], task: Task) -> Answer:
        """The answer to one task, while no other is under way. WorkerError when the worker process ends.

        DedupeError when worker processes end without any task.
        """
        try:
            return self._submit(function, task).result()
        except BrokenProcessPool:
            self._broken()
        try:
            self._submit(_idle, None).result()
        except BrokenProcessPool:
            self._broken()
            raise DedupeError("worker processes cannot be started here: run again with --jobs 1") from None
        raise WorkerError(
            "a worker process was ended from outside, perhaps for want of memory: run again with fewer --jobs"
        )

    def _first(
        self,
        function: Callable[[State, Task], Answer],
        waiting: deque[tuple[Task, Future[Answer]]],
        lost: Callable[[Task], Iterator[Answer]] | None,
    ) -> Iterator[Answer]:
        """The answer to the first task; when a process ended, those to all that had not come back."""
        task, future = waiting.popleft()
        try:
            yield future.result()
            return
        except BrokenProcessPool:
            self._broken()
        again = [task, *(other for other, _ in waiting)]
        answers = {len(again) - len(waiting) + n: f for n, (_, f) in enumerate(waiting) if _is_answered(f)}
        waiting.clear()
        for number, other in enumerate(again):
            if number in answers:
                yield answers[number].result()
                continue
            try:
                yield self.alone(function, other)
            except WorkerError:
                if lost is None:
                    raise
                yield from lost(other)

    def _broken(self) -> None:
        if self._pool:
            _forget(self._pool)
            self._pool = None

    def _submit(self, function: Callable[[State, Task], Answer], task: Task) -> Future[Answer]:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            here, self._alive = context.Pipe(duplex=False)
            self._pool = ProcessPoolExecutor(self.jobs, context, initializer=_start, initargs=(here, self._prepare))
        try:
            with uninterrupted():
                return self._pool.submit(_in_worker, function, task)
        except BrokenProcessPool as error:
            broken: Future[Answer] = Future()
            broken.set_exception(error)
            return broken


def _forget(pool: Any) -> None:
    """Let go of the tasks of a pool whose processes end: before 3.11.5 Python would wait until they are fetched."""
    if sys.version_info < (3, 11, 5):
        pool._call_queue._reader.close()


def _is_answered(future: Future[Any]) -> bool:
    return future.done() and future.exception() is None


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C waits till the end of this block, and a process that is started in it never sees it.

    The signal is kept from this thread and noted where another one gets it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[Any] = []
    before = signal.signal(signal.SIGINT, lambda *frame: came.append(frame))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if os.name == "posix" else None
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(*came[0])


_prepare: Callable[[], Any] = nothing  # a worker process's own


def _start(parent: Connection, prepare: Callable[[], Any]) -> None:
    """Ctrl-C is for the parent, which ends its workers; they end with it, however it ends."""
    global _prepare
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _prepare = prepare


def _end_with(parent: Connection) -> None:
    wait([parent])
    os._exit(1)


@cache
def _state() -> Any:
    return _prepare()


def _idle(state: Any, task: None) -> None:
    """Do nothing, which any worker can."""


def _in_worker(function: Callable[[Any, Task], Answer], task: Task) -> Answer:
    return function(_state(), task)
