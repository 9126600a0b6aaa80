"""Pictures of engine objects: the stage they stand on, the figures, and the clips made of them."""
