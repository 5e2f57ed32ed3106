"""Work in processes: tasks go out and results come back in order, with few of them in memory at any time."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

from dedupe.errors import DedupeError

Task = TypeVar("Task")
Answer = TypeVar("Answer")
State = TypeVar("State")

_WAITING = 3
_SELDOM = 20_000
"""After how many new objects Python looks for cycles while tasks are under way. There are next to none to find, and at
its usual 700 looking takes a tenth of the time."""


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

    Each has a pipe of its own, so that one that ends, whatever it was doing, is noticed and harms no other.
    """

    def __init__(self, jobs: int, prepare: Callable[[], State] = nothing, own: State | None = None) -> None:
        self.jobs = jobs
        self._prepare = prepare
        self._own = own
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, tuple[_Worker, _Slot]] = {}

    def __enter__(self) -> Workers[State]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_busy()
        for worker in self._idle:
            worker.end(at_once=kind is not None)
        self._idle.clear()

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
            with _seldom_collected():
                for task in tasks:
                    yield function(self._own, task)
            return
        rest, slots = iter(tasks), deque[_Slot]()
        try:
            while True:
                slots.extend(map(_Slot, islice(rest, _WAITING * self.jobs - len(slots))))
                if not slots:
                    return
                self._give(function, slots)
                if slots[0].answers is not None:
                    yield from slots.popleft().answered()
                    continue
                for slot in self._collected():
                    if slot.tries > 1:
                        self._check_start()
                        if lost is None:
                            raise _ended()
                        slot.answers = list(lost(slot.task))
        finally:
            self._end_busy()

    def _end_busy(self) -> None:
        for worker, _ in self._busy.values():
            worker.end(at_once=True)
        self._busy.clear()

    def alone(self, function: Callable[[State, Task], Answer], task: Task) -> Answer:
        """The answer to one task, while no other is under way. WorkerError when the worker process ends.

        DedupeError when worker processes end without any task.
        """
        slot = _Slot(task)
        self._give(function, [slot])
        if any(self._collected()):
            self._check_start()
            raise _ended()
        (answer,) = slot.answered()
        return answer  # type: ignore[no-any-return]

    def _give(self, function: Callable[[State, Any], Any], slots: Iterable[_Slot]) -> None:
        """Give tasks to processes that are free; one that is tried again is given alone."""
        for slot in slots:
            if slot.given and slot.tries > 1:
                return
            if slot.answers is not None or slot.given:
                continue
            if len(self._busy) >= (1 if slot.tries else self.jobs):
                return
            worker = self._idle.pop() if self._idle else _Worker(self._prepare)
            slot.tries, slot.given = slot.tries + 1, True
            self._busy[worker.pipe] = worker, slot
            with suppress(OSError):  # it has ended, which its pipe will tell
                worker.pipe.send((function, slot.task))
            if slot.tries > 1:
                return

    def _collected(self) -> Iterator[_Slot]:
        """Wait until a process answers or ends, and take what has come: the tasks with which processes ended."""
        for pipe in wait(list(self._busy)):
            worker, slot = self._busy.pop(cast("Connection", pipe))
            slot.given = False
            try:
                slot.answers, slot.error = worker.pipe.recv()
                self._idle.append(worker)
            except (EOFError, OSError):
                worker.end(at_once=True)
                yield slot

    def _check_start(self) -> None:
        """DedupeError when worker processes end without any task."""
        slot = _Slot(None)
        self._give(_nothing_to_do, [slot])
        if any(self._collected()):
            raise DedupeError("worker processes cannot be started here: run again with --jobs 1")


def _ended() -> WorkerError:
    return WorkerError(
        "a worker process was ended from outside, perhaps for want of memory: run again with fewer --jobs"
    )


class _Slot:
    """A task, how often it was given to a process, and the answers or the error that came of it."""

    def __init__(self, task: Any) -> None:
        self.task = task
        self.tries = 0
        self.given = False
        self.answers: list[Any] | None = None
        self.error: BaseException | None = None

    def answered(self) -> list[Any]:
        """The answers; raises the error."""
        if self.error is not None:
            raise self.error
        return self.answers or []


class _Worker:
    """A process, and the pipe to it."""

    def __init__(self, prepare: Callable[[], Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, there = context.Pipe()
        self._process = context.Process(target=_work, args=(there, prepare), daemon=True)
        with uninterrupted():
            self._process.start()
        there.close()

    def end(self, at_once: bool) -> None:
        """Let it end when it has nothing to do, or end it."""
        self.pipe.close()
        if at_once:
            self._process.kill()
        self._process.join()


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


@contextmanager
def _seldom_collected() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _work(pipe: Connection, prepare: Callable[[], Any]) -> None:
    """What a worker process does, until its pipe or its parent ends. Ctrl-C is for the parent, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(_SELDOM)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    states: list[Any] = []
    with suppress(EOFError, OSError):
        while True:
            function, task = pipe.recv()
            try:
                states = states or [prepare()]
                answer: Any = [function(states[0], task)], None
            except Exception as error:
                answer = [], error
            try:
                sent = ForkingPickler.dumps(answer)
            except Exception as error:
                sent = ForkingPickler.dumps(([], RuntimeError(f"{error}: {answer[1]!r}")))
            pipe.send_bytes(sent)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _nothing_to_do(state: Any, task: None) -> None:
    """What any worker can do."""
