"""What all clips share: declared parameters, the user's function, the point, and sentences for what does not fit."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from manim.utils.exceptions import EndSceneEarlyException

from chainreel.engine import Function, Trace

from ..stage.errors import StageError
from ..stage.stage import Stage
from .catalogue import CLIPS, ClipSpec

LAST = 3.0  # seconds without motion and speech after the result that a clip ends with (R8)


class Clip(Stage):
    """A stand-alone lecture clip. Subclass it, set class attributes, add beats.

    Class attributes are the clip's parameters: text is accepted wherever the command line takes text. A subclass that
    replaces `construct` can call `super().construct()` first and then add beats of its own.
    """

    spec: ClipSpec | None = None
    function: Any = None
    subject: Function  # the user's function, where the clip takes one

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        name = "".join("-" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("-")
        if cls.spec is None and name in CLIPS and cls.__module__.startswith(__package__ + "."):
            cls.spec = CLIPS[name]
            for parameter in cls.spec.parameters:
                setattr(cls, parameter.name, parameter.default)

    @classmethod
    def configured(cls, **parameters: Any) -> type[Clip]:
        """The same clip with other parameters, checked: a subclass with these class attributes."""
        values = {}
        for name, value in parameters.items():
            if name in ("theme", "seed", "voice"):
                values[name] = value
            elif cls.spec is None:
                raise StageError(f"{cls.__name__} declares no parameters")
            else:
                values[name] = cls.spec.parameter(name).coerce(value)
        return type(cls.__name__, (cls,), {**values, "__module__": cls.__module__, "__doc__": cls.__doc__})

    def setup(self) -> None:
        """Read the parameters before anything is drawn, so that a mistake is told at once."""
        super().setup()
        if self.spec is not None:
            for parameter in self.spec.parameters:
                setattr(self, parameter.name, parameter.coerce(getattr(self, parameter.name)))
        if self.spec is None or self.spec.takes_function:
            self.subject = subject(self.function)
        self.prepare()

    def tear_down(self) -> None:
        """The last picture stands, whatever the user's input has made of the last beat."""
        said = self.beats[-1].times if self.voice is not None and self.beats else ()
        with suppress(EndSceneEarlyException):  # who asked for a part has it
            self.rest(LAST - (self.now - max(self.moved, said[-1].end if said else 0.0)))
        super().tear_down()

    def prepare(self) -> None:
        """Compute what the clip shows; a clip overrides this."""

    def trace_at(self, at: dict[str, float] | None, name: str = "trace") -> Trace:
        """The trace of the user's function at a point, entered as a source of numbers; a corner there is refused."""
        trace = self.subject.trace(self.subject.point() if at is None else at, strict=True)
        self.ledger.source(name, trace.describe())
        return trace

    def asked(self) -> dict[str, Any]:
        """What was asked for, for the manifest."""
        names = [p.name for p in self.spec.parameters] if self.spec else []
        asked = {n: getattr(self, n) for n in names if n != "function"}
        function = {"function": self.subject.describe()} if hasattr(self, "subject") else {}
        return {"clip": self.spec.name if self.spec else None, **function, **asked}


def subject(function: Any) -> Function:
    """The user's function from text, a reference, a callable, or a method-like class attribute."""
    if function is None:
        raise StageError("no function was given; set `function` to text such as 'x**2 + sin(x)' or to a Python function")
    return Function.of(getattr(function, "__func__", function))
