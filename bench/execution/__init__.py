"""Planning and running experiments."""
