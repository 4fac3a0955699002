"""One file per area; every function judges one requirement, of whichever contract is asked."""
