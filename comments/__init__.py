"""Posts and the comments beneath them."""
