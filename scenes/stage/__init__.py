"""What every picture stands on: theme, type, formulas, numbers with provenance, beats, layout lint."""
