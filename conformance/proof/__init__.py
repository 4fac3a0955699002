"""The suite against the embedded provider and its faults: each check can fail, and none fails wrongly."""
