"""Layout lint under its old name; the rules are in `scenes/lint`."""

from ..lint import RULES, Finding, Lint

__all__ = ["RULES", "Finding", "Lint"]
