"""The results of a run, as results.json has them."""
