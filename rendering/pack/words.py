"""What a number is called in a table for people, from the kind of engine object it belongs to and its key there.

A pattern stands for a key with its numbers as stars; in the words, {0} is the first of them, {0+} the same counted from one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

NAMES: dict[str, dict[str, str]] = {
    "pass": {
        "input[*]": "input {0+}", "sum/*[*]": "sum of {unit}", "value/*[*]": "value of {unit}", "bias/*[*]": "bias of {unit}",
        "weight/*[*,*]": "weight from {from} to {unit}", "product/*[*,*]": "weight times value, from {from} to {unit}",
        "percent[*]": "chance of class {0}, percent", "chance[*]": "chance of class {0}", "knobs": "knobs",
        "slope[*]": "slope of the loss in input {0+}", "units/*": "units of layer {0}", "target": "truth",
        "loss": "loss", "nudge": "nudge",
        "forecast[*]": "forecast for the change of the loss, input {0+} nudged",
        "actual[*]": "change of the loss, input {0+} nudged",
    },
    "exam": {
        "right/seen/*": "right of the seen examples, test {0+}", "right/unseen/*": "right of the unseen examples, test {0+}",
        "right/shown/*": "right of those on show, test {0+}", "count/shown": "examples on show",
        "percent/seen/*": "percent right of the seen, test {0+}", "percent/unseen/*": "percent right of the unseen, test {0+}",
        "count/seen": "seen examples", "count/unseen": "unseen examples", "step/*": "steps until test {0+}",
        "epoch/*": "rounds until test {0+}", "training/knobs": "knobs", "training/steps": "steps",
    },
    "lattice": {
        "paths": "paths through all layers", "arrows": "arrows", "width": "boxes in a layer", "layers": "layers",
        "boxes": "boxes", "share/*": "paths from a box of layer {0+} to the end",
    },
    "timing": {
        "knobs": "knobs", "batch": "examples at a time", "cores": "cores", "s/*": "seconds, {0}", "ms/*": "milliseconds, {0}",
        "us/*": "microseconds, {0}", "sweeps/*": "runs or sweeps, {0}", "ratio/*": "times as long as the reverse sweep, {0}",
        "ratio/*/*": "times as long, {0} to {1}",
    },
    "tape_growth": {
        "width": "units in a layer", "batch": "examples at a time", "layers/*": "layers",
        "numbers/*": "numbers kept, {0} layers", "bytes/*": "bytes kept, {0} layers",
        "kilobytes/*": "kilobytes kept, {0} layers",
    },
    "repeats": {
        "count": "starts", "examples": "unseen examples", "mean": "percent right, mean of all starts",
        "least": "percent right, worst start", "most": "percent right, best start", "percent/*": "percent right, start {0+}",
    },
    "training": {
        "loss/*": "loss at step {0}", "rate/*": "rate", "layer/*/*": "slope of layer {0+} at step {1}", "steps": "steps",
    },
    "descent": {
        "loss/*": "value at step {0}", "gradient/*/*": "slope in {0} at step {1}", "update/*/*": "step {1} of {0}",
        "point/*/*": "{0} at step {1}", "steps": "steps", "rate": "rate",
    },
    "knob_slice": {
        "loss/*": "loss at place {0+}", "right/*": "right at place {0+}", "point/*/*": "knob {0} at place {1+}",
        "examples": "examples", "held": "knobs that stand still",
    },
    "landscape": {
        "knobs": "knobs", "examples": "examples", "steps": "steps", "shadow/*": "loss on the slice, state {0+}",
        "true/*": "loss of the network, state {0+}", "percent": "percent of the way that the slice shows",
    },
    "response": {"point/*": "place", "value/*": "value", "slope/*": "slope", "target": "truth"},
    "differences": {
        "delta/*": "nudge", "slope/*": "change over nudge", "rise/*": "change", "exact": "slope by the chain rule",
        "linear/*": "change of the strips", "rest/*": "change of the corner", "still/delta": "no nudge",
        "still/rise": "no change",
    },
    "sides": {
        "x": "place", "value": "value", "left": "slope from the left", "right": "slope from the right",
        "here": "slope reported",
        "delta/*": "nudge", "quotient/left/*": "change over nudge, to the left", "turn": "how far the slope turns",
        "quotient/right/*": "change over nudge, to the right", "left/value": "value on the left",
        "right/value": "value on the right", "gap": "how far the value jumps",
    },
    "error_curve": {
        "theory": "best nudge by theory", "step/*": "nudge", "slope/*": "change over nudge", "exact": "slope by the chain rule",
        "moved/*": "value after the nudge", "base/*": "value before the nudge", "error/*": "error",
    },
    "swell": {
        "value/*": "signs of the function, line {0+}", "derivative/*": "signs of the derivative, line {0+}",
        "derivative_shared/*": "signs of the derivative, shared, line {0+}", "depth/*": "depth, line {0+}",
    },
    "search_race": {
        "knobs": "knobs", "positions": "places of a knob", "settings": "settings in all", "tried/*/*": "tried",
        "kept/*/*": "kept", "step/*": "length of a step", "seeds": "runs", "guided": "steps with blame",
        "knob/*/*/*/*": "knob {0} after {1} tries", "after/*/*/*": "loss after {0} tries",
    },
    "dilution": {"knobs/*": "knobs", "blind/*": "steps without blame, {0} knobs", "guided/*": "steps with blame, {0} knobs"},
    "forecast": {
        "before": "loss before the step", "after": "loss after the step", "promised": "loss that the slopes promised",
        "from/*": "{0} before the step", "to/*": "{0} after the step", "slope/*": "slope in {0}", "rate": "rate",
        "forecast": "forecast for the loss", "change": "change of the loss", "knobs": "knobs",
    },
    "cost": {
        "sweeps/nudging": "runs to nudge each input", "sweeps/forward": "sweeps, forward mode",
        "sweeps/reverse": "sweeps, reverse mode", "operations/*": "operations, {0} mode",
        "operations/nudging": "operations to nudge each input", "inputs": "inputs", "values": "values kept", "knobs": "knobs",
        "knobs//*": "knobs of {0}", "sweeps/forward/*": "sweeps, forward mode, {0}",
        "sweeps/reverse/*": "sweeps, reverse mode, {0}",
        "years/*/*": "years, {0} mode, {1}", "bytes": "bytes kept", "each": "milliseconds of a run",
    },
    "nudge": {
        "delta": "nudge", "change/*": "change of {step}", "forecast/*": "forecast for the change of {step}",
        "moved/*": "{step} after the nudge",
    },
    "paths": {
        "links": "links", "slope": "slope", "along/*.*": "product along path {0+}, {1} links",
        "product/*.*": "product along path {0+}, {1} links", "count": "paths", "arrows": "arrows",
    },
    "trying": {"days": "days to try all", "positions": "places of a knob", "settings": "settings in all"},
    "cut": {"wrong": "wrong by the rule", "count": "examples"},
    "fit": {
        "points": "points", "knobs": "knobs", "point/*/*": "knob {0} at step {1}", "size/*/*": "miss, point {1+}",
        "square/*/*": "miss squared, point {1+}", "loss/*": "loss at step {0}", "gradient/*/*": "slope in {0} at step {1}",
        "step/*": "step", "best": "smallest loss", "part/*/*/*": "part of the miss", "rest/*/*/*": "rest of the miss",
    },
    "stationary": {"curvature/*": "curvature {0+}"},
    "momentum": {
        "term/*/*/*": "one slope's part of a step", "total/*/*": "step along an axis", "size/*/*": "all parts, signs left out",
        "share/*/*": "share that does not cancel", "curvature/*": "curvature {0+}", "momentum": "momentum", "rate": "rate",
    },
    "scale": {
        "count/*": "knobs of {model}", "pitches/*": "football pitches for {model}", "times/*": "times as many, {model}",
        "about/*": "times as many, {model}", "side/*": "metres of a side, {model}",
        "millimetres/*": "millimetres of a side, {model}", "billions/*": "billion knobs of {model}",
        "millions/*": "million knobs of {model}",
    },
}  # fmt: skip

MODELS = {"digits": "a digit reader", "resnet50": "ResNet-50", "gpt3": "GPT-3"}  # as ``engine.cost`` calls them


def spoken(described: Mapping[str, Any], key: str) -> str | None:
    """What the number under this key of a described engine object is called; None where nobody has named it.

    >>> spoken({"kind": "training"}, "loss/50"), spoken({"kind": "scale", "models": ["gpt-3"]}, "count/0")
    ('loss at step 50', 'knobs of a text writer, GPT')
    >>> spoken({"kind": "pass", "net": {"layers": [{"outputs": 3}, {"outputs": 1}]}}, "weight/2[0,0]")
    'weight from unit 1 to the output'
    """
    kind = str(described.get("kind"))
    if kind == "claims":
        return _claim(key)
    for pattern, words in NAMES.get(kind, {}).items():
        found = _expression(pattern).fullmatch(key)
        if found:
            return _filled(words, list(found.groups()), described)
    return None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", r"([^/\[\],.]+)"))


def _filled(words: str, parts: list[str], described: Mapping[str, Any]) -> str:
    places = {str(index): part for index, part in enumerate(parts)}
    places |= {f"{index}+": str(int(part) + 1) for index, part in enumerate(parts) if part.isdecimal()}
    if "{unit}" in words:
        level, *inside = map(int, parts)
        places |= {"unit": _unit(described, level, inside[-1]), "from": _unit(described, level - 1, inside[0])}
    if "{model}" in words:
        places["model"] = _model(described, int(parts[0]))
    places |= {index: MODELS.get(part, part) for index, part in places.items()}
    return re.sub(r"\{([^}]+)\}", lambda found: places.get(found[1], found[0]), words)


def _unit(described: Mapping[str, Any], level: int, index: int) -> str:
    """A unit of a network: its inputs are level 0."""
    layers = described["net"]["layers"]
    if level == 0:
        return f"input {index + 1}"
    if level == len(layers):
        return "the output" if layers[-1].get("outputs") == 1 else f"output {index + 1}"
    return f"unit {index + 1}" + (f" of layer {level}" if len(layers) > 2 else "")


def _model(described: Mapping[str, Any], index: int) -> str:
    from chainreel.engine.scale import Scale

    return Scale(described["models"]).levels[index].title


def published(key: str) -> str:
    """Where a claim was published, in full; "" for a user's own.

    >>> published("thesis").startswith("Werbos"), published("own/0")
    (True, '')
    """
    from chainreel.engine.claims import TABLE

    return TABLE[key].source if key in TABLE else ""


def _claim(key: str) -> str | None:
    from chainreel.engine.claims import TABLE

    if key.startswith("gap/") and key.count("/") == 2:
        _, first, last = key.split("/")
        return f"years from {TABLE[first].value:.0f} to {TABLE[last].value:.0f}" if {first, last} <= TABLE.keys() else None
    claim = TABLE.get(key)
    if claim is None:
        return None
    return f"{claim.who}: {claim.text}" if claim.who else claim.text
