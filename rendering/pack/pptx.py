"""A deck for PowerPoint, Keynote and Impress: a slide for each segment, its video filling the slide.

A slide has a title (above the slide, where screen readers and the outline find it), the video with its poster and its
description, and notes: the words, and the numbers that are on screen. PowerPoint on Windows stops after some thirty videos,
so that a longer lecture becomes several decks.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.util import Emu, Inches

from ..errors import RenderError
from .lecture import Lecture, Segment
from .making import slug
from .snippets import values

MOST = 25  # videos in a deck
HANDFUL = 5  # videos of a chapter that is too small for a deck of its own
LONG = 13.333  # inches of a slide's longer side, as PowerPoint's own wide slides have
TITLE_ONLY = 5  # of the layouts of the empty deck
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """``NAME.pptx``, or ``NAME-1-forward.pptx`` … where there are too many videos for one."""
    parts = decks(lecture.segments)
    made = []
    for number, segments in enumerate(parts, 1):
        tail = f"-{number}-{slug(segments[0].chapter or '')}".rstrip("-") if len(parts) > 1 else ""
        title = lecture.title if len(parts) == 1 else f"{lecture.title}: {_part_name(segments, number)}"
        path = folder / f"{lecture.name}{tail}.pptx"
        deck(lecture, segments, title).save(str(path))
        made.append(path)
    if len(parts) > 1:
        several = len({segment.chapter for segment in lecture.segments}) > 1
        hint = "; --per chapter makes fewer, longer videos" if several else "; --per film makes one video"
        said = f"{len(parts)} decks, as PowerPoint stops after about 30 videos and these are {len(lecture.segments)}"
        print(f"chainreel: {said}{hint}", file=sys.stderr)
    return made


def decks(segments: Sequence[Segment]) -> list[tuple[Segment, ...]]:
    """The segments in decks of at most 25 videos: all in one, else a deck for each chapter.

    Neighbouring chapters of a handful of videos share a deck, so that nobody opens a file for two slides; a chapter of more
    than 25 becomes several decks. No deck is much longer than the others of its kind.
    """
    if len(segments) <= MOST:
        return [tuple(segments)]
    chapters: list[list[Segment]] = []
    for segment in segments:
        if not chapters or chapters[-1][-1].chapter != segment.chapter:
            chapters.append([])
        chapters[-1].append(segment)
    together: list[list[list[Segment]]] = []
    for members in chapters:
        is_small = len(members) <= HANDFUL
        if not together or not (is_small or len(together[-1][-1]) <= HANDFUL) or len(members) > MOST:
            together.append([])
        together[-1].append(members)
    return [deck for run in together for deck in shared(run)]


def shared(chapters: Sequence[Sequence[Segment]]) -> list[tuple[Segment, ...]]:
    """Chapters in as few decks as hold them whole, the fullest as small as can be; a chapter too large for one in parts."""
    if len(chapters) == 1:
        (members,) = chapters
        count = -(-len(members) // MOST)
        edges = [round(index * len(members) / count) for index in range(count + 1)]
        return [tuple(members[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    for room in range(max(map(len, chapters)), MOST + 1):
        made: list[tuple[Segment, ...]] = []
        for members in chapters:
            if made and len(made[-1]) + len(members) <= room:
                made[-1] += tuple(members)
            else:
                made.append(tuple(members))
        if len(made) == fewest(chapters):
            return made
    return [deck for members in chapters for deck in shared([members])]


def fewest(chapters: Sequence[Sequence[Segment]]) -> int:
    """Into how many decks of at most 25 videos these chapters go."""
    count, filled = 1, 0
    for members in chapters:
        if filled + len(members) > MOST:
            count, filled = count + 1, 0
        filled += len(members)
    return count


def _part_name(segments: Sequence[Segment], number: int) -> str:
    first, last = segments[0].chapter, segments[-1].chapter
    return first or f"part {number}" if first == last or not last else f"{first} – {last}"


def deck(lecture: Lecture, segments: Sequence[Segment], title: str) -> Any:
    """A presentation of these segments."""
    show = Presentation()
    width, height = lecture.size
    scale = Inches(LONG) / max(width, height)
    show.slide_width, show.slide_height = Emu(round(width * scale)), Emu(round(height * scale))
    about = show.core_properties
    about.title, about.subject, about.comments = title, lecture.alt[:255], lecture.comment[:255]
    about.language, about.author, about.keywords = lecture.language, "", ""
    for segment in segments:
        _slide(show, lecture, segment)
    return show


def _slide(show: Any, lecture: Lecture, segment: Segment) -> None:
    slide = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    video, poster = lecture.path(segment.file), lecture.path(segment.first)
    for path in (video, poster):
        if not path.is_file():
            raise RenderError(f"segment {segment.id}: {path.name} is missing")
    ground = slide.background.fill
    ground.solid()
    ground.fore_color.rgb = _edge_colour(poster)
    heading = slide.shapes.title
    heading.text = segment.title
    heading.left, heading.width, heading.height = 0, show.slide_width, Inches(0.9)
    heading.top = -Inches(1.0)
    movie = slide.shapes.add_movie(
        str(video), 0, 0, show.slide_width, show.slide_height, poster_frame_image=str(poster), mime_type="video/mp4"
    )
    movie.name = f"Video: {segment.title}"
    movie._element.nvPicPr.cNvPr.set("descr", segment.alt)
    _set_timing(slide, movie.shape_id, segment.duration, lecture.start == "auto", segment.loop)
    slide.notes_slide.notes_text_frame.text = notes(segment)


def notes(segment: Segment) -> str:
    """What a speaker reads: the words, the numbers on screen, whether to wait for the class."""
    parts = [segment.notes]
    if segment.ask:
        parts.append("Let the class guess before you go on.")
    if segment.numbers:
        rows = [f"{value.name} = {value.text}" for value in values(segment)]
        formulas = dict.fromkeys(value.formula for value in segment.numbers if value.formula)
        parts.append("\n".join(["On screen:", *rows, *formulas]))
    return "\n\n".join(part for part in parts if part)


def _edge_colour(poster: Path) -> Any:
    """The colour of the film's ground, so that a slide of another shape shows no bars."""
    from PIL import Image
    from pptx.dml.color import RGBColor

    with Image.open(poster) as picture:
        corner = picture.convert("RGB").getpixel((1, 1))
    if not isinstance(corner, tuple):
        raise TypeError(f"{poster} has no colours")
    return RGBColor(*(int(part) for part in corner))


def _set_timing(slide: Any, shape: int, seconds: float, by_itself: bool, loop: bool) -> None:
    """Replace the timing that python-pptx writes (a click on the picture) by a step of the slide's own sequence.

    The step starts with the slide or with the next key or click, as "Automatically" and "In click sequence" do in PowerPoint.
    """
    begin = '<p:cond evt="onBegin" delay="0"><p:tn val="2"/></p:cond>' if by_itself else ""
    kind = "afterEffect" if by_itself else "clickEffect"
    again = ' repeatCount="indefinite"' if loop else ""
    target = f'<p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl>'
    side = '<p:cond evt="{}" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>'
    timing = f"""<p:timing xmlns:p="{_P}"><p:tnLst><p:par><p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot">
<p:childTnLst><p:seq concurrent="1" nextAc="seek"><p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>
<p:par><p:cTn id="3" fill="hold"><p:stCondLst><p:cond delay="indefinite"/>{begin}</p:stCondLst><p:childTnLst>
<p:par><p:cTn id="4" fill="hold"><p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst>
<p:par><p:cTn id="5" presetID="1" presetClass="mediacall" presetSubtype="0" fill="hold" nodeType="{kind}">
<p:stCondLst><p:cond delay="0"/></p:stCondLst><p:childTnLst><p:cmd type="call" cmd="playFrom(0.0)"><p:cBhvr>
<p:cTn id="6" dur="{round(seconds * 1000)}" fill="hold"/>{target}</p:cBhvr></p:cmd></p:childTnLst></p:cTn></p:par>
</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn>
<p:prevCondLst>{side.format("onPrev")}</p:prevCondLst><p:nextCondLst>{side.format("onNext")}</p:nextCondLst></p:seq>
<p:video><p:cMediaNode vol="80000"><p:cTn id="7"{again} fill="hold" display="0"><p:stCondLst><p:cond delay="indefinite"/>
</p:stCondLst></p:cTn>{target}</p:cMediaNode></p:video></p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"""
    made = parse_xml(timing.replace("\n", ""))
    element = slide._element
    for old in element.findall(f"{{{_P}}}timing"):
        element.remove(old)
    after = element.find(f"{{{_P}}}transition")
    if after is None:
        after = element.find(f"{{{_P}}}clrMapOvr")
    after.addnext(made)
