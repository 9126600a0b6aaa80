"""Manim's Cairo renderer, led from outside: the frames of a scene go to a taker instead of to manim's files.

Time is counted in whole frames: a play of T seconds lasts round(T·fps) frames, at least one. So a
rehearsal, in which nothing is drawn, and the drawing agree on every time to the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from manim import Scene
from manim.renderer.cairo_renderer import CairoRenderer
from manim.utils.iterables import list_update

from . import quicker
from .camera import Painter
from .tiles import Box

quicker.install()


class Taker(Protocol):
    """Who receives the frames.

    ``every`` is None, or how many frames apart the scene's watchers look at it (without drawing).
    """

    every: int | None

    def wants(self, first: int, last: int) -> bool:
        """Whether any of the frames first … last-1 is wanted."""

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """Frame ``first``, RGBA of shape (height, width, 4), ``repeat`` times; now the taker's own."""


class FollowingTaker(Taker, Protocol):
    """One that is told what changed, so that no frame need be copied whole. Then ``take`` is not called."""

    def take_changes(self, first: int, canvas: np.ndarray, changed: Sequence[Box], repeat: int) -> None:
        """As ``take``, but ``canvas`` is drawn on again afterwards; outside ``changed`` it is as it was last time."""


class Rehearsal:
    """A taker that wants no frame. With ``every`` the scene lives through all of them and is looked at."""

    def __init__(self, every: int | None = None):
        self.every = every

    def wants(self, first: int, last: int) -> bool:
        """No."""
        return False

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """Never called."""


class FilmRenderer(CairoRenderer):
    """Plays a scene's animations, hands wanted frames to a taker and draws no others.

    A play without a wanted frame jumps to its end, unless something in the scene lives from frame to frame.
    """

    static_image: Any

    def __init__(self, scene: Scene, taker: Taker):
        camera = scene.renderer.camera
        super().__init__(camera_class=lambda: camera)
        self.taker = taker
        self.painter = Painter(camera)
        self.frame = 0
        self.fps = float(camera.frame_rate)
        self.init_scene(scene, scene.session_spec, scene.file_writer_settings)
        scene.renderer = self

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """One call of Scene.play or Scene.wait."""
        scene.compile_animation_data(*args, **kwargs)
        scene.begin_animations()
        first, count = self.frame, max(1, round(scene.duration * self.fps))
        wanted = self.taker.wants(first, first + count)
        self.static_image = None
        if wanted:
            self.save_static_frame_data(scene, scene.static_mobjects)
        if scene.is_current_animation_frozen_frame():
            if wanted:
                self.update_frame(scene, mobjects=scene.moving_mobjects)
                self._hand_over(first, count)
        else:
            count = self._run(scene, first, count, wanted)
            for animation in scene.animations or []:
                animation.finish()
                animation.clean_up_from_scene(scene)
            scene.update_mobjects(0)
        self.static_image = None
        self.frame = first + count
        self.time = self.frame / self.fps
        self.num_plays += 1

    def _run(self, scene: Scene, first: int, count: int, wanted: bool) -> int:
        every = self.taker.every
        if not wanted and not every and scene.stop_condition is None and not lives_by_the_frame(scene):
            scene.update_to_time(scene.duration)
            return count
        for index in range(count):
            scene.update_to_time(index / self.fps)
            frame = first + index
            if wanted and self.taker.wants(frame, frame + 1):
                self.update_frame(scene, scene.moving_mobjects)
                self._hand_over(frame, 1)
            self.time = (frame + 1) / self.fps
            if every and (frame + 1) % every == 0:
                for watcher in getattr(scene, "watchers", ()):
                    watcher(scene)
            if scene.stop_condition is not None and scene.stop_condition():
                return index + 1
        return count

    def save_static_frame_data(self, scene: Scene, static_mobjects: Any) -> None:
        """What does not move in this play is looked at, or painted, once."""
        self.static_image = None
        static = list(static_mobjects)
        ground = self.camera.background
        if self.painter.begin(ground, static):
            return
        if static:
            super().update_frame(scene, static)
            self.static_image = ground = self.camera.pixel_array.copy()
        self.painter.begin(ground, ())

    def update_frame(self, scene: Scene, mobjects: Any = None, *args: Any, **kwargs: Any) -> None:
        """Draw one frame on the painter's canvas; by manim where the painter cannot."""
        shown = mobjects or list_update(scene.mobjects, scene.foreground_mobjects)
        if self.painter.draw(shown):
            return
        if self.painter.knows:
            self.static_image = self.painter.still()
        super().update_frame(scene, mobjects, *args, **kwargs)
        self.painter.take_over(self.camera.pixel_array)

    def get_frame(self) -> np.ndarray:
        """A copy of the frame that was drawn last."""
        return self.painter.canvas.copy()

    def _hand_over(self, first: int, repeat: int) -> None:
        follow = getattr(self.taker, "take_changes", None)
        if follow is None:
            self.taker.take(first, self.get_frame(), repeat)
        else:
            follow(first, self.painter.canvas, self.painter.changed, repeat)

    def scene_finished(self, scene: Scene) -> None:
        """A scene that plays nothing still gives one frame."""
        if not self.num_plays:
            self.static_image = None
            if self.taker.wants(0, 1):
                self.update_frame(scene)
                self._hand_over(0, 1)
            self.frame = 1


def lives_by_the_frame(scene: Scene) -> bool:
    """Whether an updater integrates over time, so that no frame may be jumped over."""
    return bool(scene.updaters) or any(
        part.get_time_based_updaters() for mobject in scene.mobjects for part in mobject.get_family()
    )
