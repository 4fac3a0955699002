"""Faults: named defects that the embedded provider can be told to have."""
