"""Film B, "The bookkeeping trick": derivatives for a billion knobs. One recipe is drawn once and never leaves."""
