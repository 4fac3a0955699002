"""One file per area; every function judges one requirement."""
