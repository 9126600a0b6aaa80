"""The faster camera draws what manim's draws, to the bit: in tiles, whole, and by manim itself."""

from __future__ import annotations

import gc
import hashlib
import inspect

import cairo
import manim
import numpy as np
import pytest
from manim import (
    BLUE,
    DOWN,
    LEFT,
    ORIGIN,
    OUT,
    RED,
    RIGHT,
    UP,
    YELLOW,
    Circle,
    Create,
    Cube,
    DashedLine,
    DecimalNumber,
    Dot,
    FadeIn,
    FadeOut,
    ImageMobject,
    Line,
    MovingCameraScene,
    Point,
    PointCloudDot,
    Rotate,
    Scene,
    Square,
    Star,
    Text,
    ThreeDScene,
    Transform,
    ValueTracker,
    VGroup,
    VMobject,
    Write,
)
from manim.camera.camera import Camera
from manim.mobject.mobject import Mobject
from manim.renderer.cairo_renderer import CairoRenderer
from manim.utils.exceptions import EndSceneEarlyException
from PIL import Image

from chainreel.rendering import camera as fast
from chainreel.rendering import paths, quicker
from chainreel.rendering.drawing import make_scene, manim_config, run
from chainreel.rendering.filming import FilmRenderer
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot
from chainreel.scenes.stage.pixels import Pixels
from chainreel.scenes.stage.stage import Stage

SMALL = Settings(256, 144, 10)


class Shapes(Scene):
    """Moving, turning, growing; overlaps, opacities, joints, strokes behind."""

    def construct(self):
        back = Square(3, fill_opacity=0.5, color=BLUE).set_z_index(-1)
        star = Star(color=YELLOW, fill_opacity=0.7, stroke_width=9).set_stroke(RED, 20, background=True)
        line = DashedLine(LEFT * 4, RIGHT * 4 + UP)
        self.add(back, star, line)
        self.play(star.animate.shift(RIGHT * 2), Rotate(back, 1), run_time=0.6)
        ring = Circle(1.2, stroke_width=30, stroke_opacity=0.4)
        self.play(FadeIn(ring, shift=UP), Transform(star, Square().shift(LEFT)), run_time=0.6)
        self.bring_to_back(star)
        self.wait(0.3)
        self.bring_to_front(back)
        self.play(FadeOut(ring), star.animate.set_opacity(0.2), run_time=0.5)
        self.remove(back)
        self.wait(0.2)


class Gradients(Scene):
    """Sheen and several colours."""

    def construct(self):
        ball = Circle(1.5, fill_opacity=1, color=BLUE).set_sheen(0.6, UP)
        bar = Line(LEFT * 3, RIGHT * 3, stroke_width=25).set_color([RED, YELLOW, BLUE])
        dot = Dot()
        self.add(ball, bar, dot)
        self.play(dot.animate.move_to(UP * 2 + RIGHT), run_time=0.5)
        self.play(ball.animate.shift(RIGHT).set_sheen_direction(RIGHT), run_time=0.5)


class Letters(Scene):
    """Glyphs, and numbers that run."""

    def construct(self):
        words, number, value = Text("gradient"), DecimalNumber(0, mob_class=Text).shift(DOWN), ValueTracker(0)
        number.add_updater(lambda m: m.set_value(value.get_value()))
        self.play(Write(words), run_time=0.7)
        self.add(number)
        self.play(value.animate.set_value(12.5), words.animate.set_color(RED), run_time=0.6)
        self.wait(0.2)


class Moods(Scene):
    """Updaters that replace parts, mobjects that come and go, things outside the frame, points that are no numbers."""

    def construct(self):
        blink = VGroup(Square(), Circle())
        blink.t = 0.0

        def change(group, dt):
            group.t += dt
            group.submobjects[0].become(Star(color=RED).shift(LEFT * np.sin(9 * group.t)))
            group[1].points *= 1 + dt  # in place

        blink.add_updater(change)
        odd = VMobject(color=YELLOW).set_points(np.array([[0, 0, 0], [1, 1, 0], [2, 1, 0], [3, 0, 0], [3, 0, 0], [4, 4, 0.0]]))
        gone = Dot([np.nan, 0, 0])
        self.add(blink, odd, gone)
        self.wait(0.5)
        self.add_foreground_mobject(Dot(color=BLUE))
        self.play(odd.animate.shift(RIGHT * 20), run_time=0.5)
        self.wait(0.3)


class Zoom(MovingCameraScene):
    """The camera moves, then something in it."""

    def construct(self):
        square = Square(fill_opacity=0.4)
        self.add(square, Dot(UP), Circle(3))
        self.play(self.camera.frame.animate.scale(0.5).shift(UP), run_time=0.5)
        self.play(square.animate.shift(RIGHT), run_time=0.4)
        self.wait(0.2)


class Solid(ThreeDScene):
    """Manim's own three dimensions."""

    def construct(self):
        self.set_camera_orientation(phi=1, theta=0.6)
        cube = Cube(2, fill_opacity=0.9)
        self.add(cube)
        self.begin_ambient_camera_rotation(1)
        self.wait(0.4)
        self.stop_ambient_camera_rotation()
        self.play(cube.animate.shift(OUT), run_time=0.3)
        self.wait(0.2)


class Pictures(Scene):
    """An image and a cloud of points below and above plain shapes."""

    def construct(self):
        grey = ImageMobject(np.uint8([[0, 90], [180, 255]])).scale(40)
        square = Square(color=RED, fill_opacity=0.5)
        self.add(grey, square)
        self.play(square.animate.shift(RIGHT), run_time=0.4)
        self.add(PointCloudDot(UP, radius=0.5, color=YELLOW))
        self.play(square.animate.shift(LEFT), run_time=0.4)
        self.play(grey.animate.shift(DOWN), run_time=0.3)
        self.remove(grey)
        self.play(square.animate.scale(2), run_time=0.3)
        square.color_using_background_image(Image.fromarray(np.full((144, 256, 4), 200, np.uint8)))
        self.play(square.animate.shift(UP), run_time=0.3)


class Backgrounds(Scene):
    """The ground changes between plays."""

    def construct(self):
        dot = Dot(radius=1)
        self.add(dot)
        self.play(dot.animate.shift(RIGHT), run_time=0.3)
        self.camera.background_color = BLUE
        self.play(dot.animate.shift(LEFT), run_time=0.3)
        self.wait(0.2)


class Own(Scene):
    """A VMobject class of the user's that decides on its own look."""

    def construct(self):
        class Pale(Square):
            def get_fill_rgbas(self):
                return np.array([[1.0, 0.5, 0.2, 0.5]])

        self.add(Point(ORIGIN))
        self.play(Create(Pale()), run_time=0.4)
        self.wait(0.2)


PLAIN = [Shapes, Gradients, Letters, Moods, Zoom, Solid, Pictures, Backgrounds, Own]
CLIPS = {
    "backward": {"function": "x**2*y + sin(x)", "at": {"x": 1.0, "y": 2.0}},
    "descent": {"function": "(1 - x)**2 + 10*(y - x**2)**2"},
    "secant": {"function": "x**2 + sin(3*x)"},
    "slice": {"function": "x**2 + sin(3*x)"},
}


class Keep:
    """Follows the changes alone: what it shows is made of the boxes that the camera calls changed."""

    every = None

    def __init__(self, last=10**6, forget=False):
        self.frames, self.last, self.forget, self.shown, self.unchanged = [], last, forget, None, 0
        self.painter = None

    def wants(self, first, last):
        return True

    def take_changes(self, first, canvas, changed, repeat):
        if self.shown is None:
            self.shown = canvas.copy()
        for left, top, right, bottom in changed:
            self.shown[top:bottom, left:right] = canvas[top:bottom, left:right]
        self.unchanged += not changed
        self.frames.append(self.shown.copy())
        if self.forget:
            self.painter.redraw()
        if len(self.frames) >= self.last:
            raise EndSceneEarlyException


def film(shot, monkeypatch, tmp_path, *, stock=False, forget=False, last=10**6, settings=SMALL):
    """The frames of a scene."""
    monkeypatch.setenv(fast.SWITCH, "stock" if stock else "")
    keep = Keep(last, forget)
    with manim_config(settings, tmp_path):
        scene = make_scene(shot, settings)
        renderer = FilmRenderer(scene, keep)
        keep.painter = renderer.painter
        scene.render()
    return keep


@pytest.mark.parametrize("scene", PLAIN, ids=lambda c: c.__name__)
def test_users_scenes_are_drawn_as_by_manim(scene, monkeypatch, tmp_path):
    """Every frame equal, whatever a plain manim scene has in it."""
    theirs = film(Shot.of(scene), monkeypatch, tmp_path, stock=True).frames
    ours = film(Shot.of(scene), monkeypatch, tmp_path).frames
    assert len(ours) == len(theirs) > 4
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert np.array_equal(a, b), f"{scene.__name__}: frame {number} differs in {np.any(a != b, axis=2).sum()} pixels"
    assert any(not np.array_equal(a, theirs[0]) for a in theirs)


@pytest.mark.parametrize("name", CLIPS)
def test_clips_are_drawn_as_by_manim(name, monkeypatch, tmp_path):
    """Glows, pictures and graph paper too; in tiles and whole."""
    shot = Shot.clip(name, CLIPS[name])
    theirs = film(shot, monkeypatch, tmp_path, stock=True, last=60).frames
    for forget in (False, True):
        ours = film(shot, monkeypatch, tmp_path, forget=forget, last=60).frames
        assert len(ours) == len(theirs)
        for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            assert np.array_equal(a, b), f"{name}: frame {number} differs"


def test_little_is_drawn_where_little_moves(monkeypatch, tmp_path):
    """A held frame is no work; a small dot changes a small part."""

    class Little(Scene):
        def construct(self):
            dot = Dot()
            self.add(dot, Square(5))
            self.play(dot.animate.shift(RIGHT * 0.3), run_time=0.5)
            self.wait(0.5, frozen_frame=False)

    areas = []
    monkeypatch.setattr(Keep, "take_changes", lambda self, first, canvas, changed, repeat: areas.append(changed))
    film(Shot.of(Little), monkeypatch, tmp_path)
    sizes = [sum((c - a) * (d - b) for a, b, c, d in boxes) for boxes in areas]
    assert sizes[0] == 256 * 144 and 0 < sizes[2] < 256 * 144 / 4 and sizes[-1] == 0


def test_what_was_shown_is_let_go(monkeypatch, tmp_path):
    """A record may hold a whole picture: however long a play lasts, only the last ones of each mobject live."""

    class Long(Scene):
        def construct(self):
            dots = VGroup(*(Dot([x, 0, 0], color=BLUE).set_sheen(0.5, UP) for x in range(4)))
            self.add(dots)
            self.play(dots.animate.shift(UP * 2), run_time=6)

    class Count:
        every, most = None, 0

        def wants(self, first, last):
            return True

        def take_changes(self, first, canvas, changed, repeat):
            self.most = max(self.most, sum(type(thing) is fast.Record for thing in gc.get_objects()))

    monkeypatch.setenv(fast.SWITCH, "")
    gc.collect()
    count, shot = Count(), Shot.of(Long)
    with manim_config(SMALL, tmp_path):
        assert run(make_scene(shot, SMALL), count).frames == 60
    assert 4 <= count.most <= 3 * 4


def test_the_switch_turns_it_off(monkeypatch, tmp_path):
    """CHAINREEL_CAMERA=stock leaves everything to manim."""
    monkeypatch.setattr(fast.Painter, "_paint", lambda *a: pytest.fail("the faster camera drew"))
    assert film(Shot.of(Shapes), monkeypatch, tmp_path, stock=True).frames


def test_another_camera_is_left_to_manim():
    """A subclass may draw otherwise."""

    class Mine(Camera):
        pass

    assert fast.Painter(Camera()).knows and not fast.Painter(Mine()).knows


def outlines():
    random = np.random.default_rng(3)
    for count in (0, 1, 3, 4, 5, 7, 8, 12, 13, 40):
        for _ in range(6):
            points = random.integers(-2, 3, (count, 3)).astype(float)
            for i in range(4, count, 4):
                if random.random() < 0.6:
                    points[i] = points[i - 1] + random.choice([0, 1e-9])
            if count > 4 and random.random() < 0.5:
                points[-1] = points[0]
            yield points
    yield np.full((8, 3), np.nan)
    yield np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [3, np.inf, 0]])


def test_outlines_are_manims():
    """The records that numpy builds are the calls that manim makes, by either pen."""
    camera, mobject = Camera(), VMobject()
    for points in outlines():
        mobject.points = points
        found = []
        for way in ("manim", "fast", "slow"):
            context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, 8, 8))
            if way == "manim":
                camera.set_cairo_context_path(context, mobject)
            elif (path := paths.outline(points, mobject.tolerance_for_point_equality)) is not None:
                (paths.pen_of if way == "fast" else paths._slow_pen)(context)(path)
            found.append(list(context.copy_path()))
        assert found[0] == found[1] == found[2], points


def told(answer, *asked):
    """An answer, or the kind of error."""
    try:
        return answer(*asked)
    except Exception as problem:
        return type(problem)


def families():
    """Mobjects of every sort: loops, shared parts, broken points, other classes' answers."""
    loop, shared, broken = VGroup(Square()), Square(), VMobject()
    loop.submobjects.append(loop)
    broken.points = np.array([[0, 0, 0], [1, 2, 3], [2, 2, 2], [3, 3, 3], [5, 5, 5.0]])
    yield from (loop, VGroup(shared, VGroup(shared, Circle())), broken, VGroup(broken, Dot()), VGroup(), VMobject(), Dot())
    yield from (Text("grad"), VGroup(Text("a"), Square(), VGroup(Dot(), Dot())), Line(), DashedLine(), ValueTracker(3), Cube())
    yield from (manim.Group(Dot(), Mobject(), ImageMobject(np.uint8([[0, 9]]))), PointCloudDot(), Point(UP), manim.Axes())


def test_quicker_answers_are_manims():
    """Families and boxes: the same members, the same numbers to the bit, the same errors."""
    manims = {name: answer.__wrapped__ for (_, name), answer in quicker.ANSWERS.items()}
    for mobject in families():
        mine, theirs = quicker.get_family(mobject), manims["get_family"](mobject)
        assert len(mine) == len(theirs) and all(a is b for a, b in zip(mine, theirs, strict=True))
        for direction in (ORIGIN, UP, LEFT, UP + RIGHT, OUT, (0, -1, 0), [0.5, -0.2, 0]):
            mine, theirs = (told(f, mobject, direction) for f in (quicker.get_critical_point, manims["get_critical_point"]))
            assert np.array_equal(mine, theirs, equal_nan=not isinstance(mine, type)), (mobject, direction)
        if isinstance(mobject, VMobject):
            mine, theirs = (
                told(f, mobject) for f in (quicker.get_points_defining_boundary, manims["get_points_defining_boundary"])
            )
            assert np.array_equal(mine, theirs) and np.shape(mine) == np.shape(theirs)
    assert Mobject.get_family is quicker.get_family


# What rendering/camera.py, family.py, quicker.py and filming.py repeat or go around of manim 0.22, as it was then.
KNOWN = {
    Camera.apply_fill: "021a92466cd3",
    Camera.apply_stroke: "81447e68863e",
    Camera.capture_mobjects: "958b8f23af48",
    Camera.display_multiple_vectorized_mobjects: "205babf41368",
    Camera.display_vectorized: "4d9d158f2a42",
    Camera.get_cairo_context: "52cd4d27b913",
    Camera.get_mobjects_to_display: "ef93088d70b3",
    Camera.set_cairo_context_color: "2c53d3a7c71e",
    Camera.set_cairo_context_path: "0e53e5837e78",
    Camera.transform_points_pre_display: "04eaaf6f29c6",
    Camera.type_or_raise: "c22469b70ba6",
    CairoRenderer.save_static_frame_data: "bd2d2188c208",
    CairoRenderer.update_frame: "8f79c10a4826",
    Mobject._iter_family: "50a525fb52d5",
    Mobject.get_critical_point: "8f9226390677",
    Mobject.get_extremum_along_dim: "a23835c56ae1",
    Mobject.family_members_with_points: "fc69ac2726f2",
    Mobject.get_family: "d0b2953532b4",
    Scene.begin_animations: "5560d14ab0eb",
    Scene.get_moving_and_static_mobjects: "c72dd989507b",
    Scene.update_to_time: "c554748b52bb",
    VMobject.consider_points_equals_2d: "921342a98a9f",
    VMobject.get_fill_rgbas: "0a9fe8988031",
    VMobject.get_gradient_start_and_end_points: "8298c4e4b91f",
    VMobject.get_anchors: "570aac67257a",
    VMobject.get_points_defining_boundary: "13057979b204",
    VMobject.get_stroke_rgbas: "6661389968a6",
    VMobject.get_stroke_width: "2c990262bbc9",
    VMobject.get_subpath_split_indices_from_points: "f6390df4e190",
    manim.utils.family.extract_mobject_family_members: "90b769a1324e",
    manim.utils.iterables.remove_list_redundancies: "4fd66b34afb4",
}


@pytest.mark.parametrize("function", KNOWN, ids=lambda f: f.__qualname__)
def test_manim_is_what_the_faster_camera_was_written_for(function):
    """A new manim: compare the function with what the camera does in its place, then note its new digest here."""
    digest = hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12]
    assert digest == KNOWN[function], (
        f"manim {manim.__version__} has another {function.__qualname__} (digest {digest}) than the one that "
        "rendering/camera.py stands in for; until they are compared, CHAINREEL_CAMERA=stock draws by manim alone"
    )


def test_plain_mobjects_have_what_is_read_from_them():
    """The faster camera reads these attributes from the instance; without them it would leave everything to manim."""
    for mobject in (Square(), Dot(), Text("a")[0], VMobject(), Circle().set_sheen(0.5), Line(), Star()):
        assert fast.is_plain(mobject), type(mobject).__name__
    assert cairo.Context.__basicsize__ == object.__basicsize__ + 2 * 8 or paths._append is None


class Board(Stage):
    """Four pixels in the middle, with a rim or without."""

    rim: str | None = "data"

    def construct(self):
        self.add(Pixels(self.look, np.array([[0.0, 1.0], [1.0, 0.0]]), 4.0, rim=self.rim))
        self.wait(0.2, frozen_frame=False)


class Bare(Board):
    rim = None


def test_the_rim_of_a_picture_shows(monkeypatch, tmp_path):
    """A picture fills its shape; the stroke has its own colour. By both cameras; nothing else differs."""
    rimmed = film(Shot.of(Board), monkeypatch, tmp_path).frames[0]
    assert np.array_equal(rimmed, film(Shot.of(Board), monkeypatch, tmp_path, stock=True).frames[0])
    bare = film(Shot.of(Bare), monkeypatch, tmp_path).frames[0]
    differs = np.any(rimmed != bare, axis=2)
    height, width = differs.shape
    across = differs[height // 2 - 6]  # through the middle of a pixel: the rim's two sides, nothing within
    assert across.any() and not across[int(0.40 * width) : int(0.60 * width)].any()
    red, green, blue = rimmed[differs][:, :3].astype(int).T
    assert (green > red).mean() > 0.9 and green.max() > 120  # mint
