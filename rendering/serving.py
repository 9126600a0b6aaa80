"""A worker's life: take a call, make it, tell; end with whoever started it.

Imports nothing heavy, so that a new process watches its parent from the first moment on; manim comes with the first call.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any

from .errors import RenderError

Report = Callable[..., None]
_report: list[Report] = [lambda *said: None]  # how this process speaks to whoever gave it work


def reporter() -> Report:
    """Whom to tell how the work goes."""
    return _report[0]


@contextmanager
def reporting(listen: Report) -> Iterator[None]:
    """Reports of this process go to ``listen`` for a while."""
    before, _report[0] = _report[0], listen
    try:
        yield
    finally:
        _report[0] = before


def serve(pipe: Any) -> None:
    """What a worker's process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    lock = threading.Lock()

    def say(*said: Any) -> None:
        with lock:
            pipe.send(said)

    with reporting(say):
        while True:
            try:
                fn, args = pipe.recv()
            except EOFError:
                return
            try:
                say("result", fn(*args))
            except BaseException as problem:
                say("problem", portable(problem))


def _end_with(sentinel: Any) -> None:
    connection.wait([sentinel])
    os._exit(1)


def portable(problem: BaseException) -> BaseException:
    """A problem that can be sent to another process: a sentence where it knows one, else with its traceback told."""
    from .report import explain, users_line

    if isinstance(problem, RenderError):
        return problem
    if users_line(problem) is not None:
        return RenderError(explain(problem)[0])
    try:
        pickle.loads(pickle.dumps(problem))
    except Exception:
        problem = RenderError(f"{type(problem).__name__}: {problem}")
    if "--debug" in sys.argv:
        import traceback

        problem.add_note("".join(traceback.format_exception(problem)))
    return problem
