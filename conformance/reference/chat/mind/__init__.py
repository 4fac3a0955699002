"""The model: what it understands, what it wants to say, and how it samples the tokens of an answer."""
