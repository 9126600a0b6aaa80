"""Lint: the rules of the look that a program can check, over a running scene and over its frames.

`Lint(stage)` listens to a Stage; when the scene has ended, `.findings` says what a viewer would stumble over. Each family
of rules is a file. `RULES` names every rule with its number in the teaching rules.
"""

from .finding import RULES, SPEECH, Finding, Rule
from .frames import FrameRules
from .watch import Lint

__all__ = ["RULES", "SPEECH", "Finding", "FrameRules", "Lint", "Rule"]
