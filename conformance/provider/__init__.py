"""Who is asked: providers, their models, what they claim, and their limits."""
