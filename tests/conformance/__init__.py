"""Checks of the engine by other people's packages and tests; opt-in locally, demanded by .ci/run."""
