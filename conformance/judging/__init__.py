"""How a recording becomes verdicts: pure, offline."""
