"""Film C: four knobs and nine points."""
