"""report.html in a real browser. Not among the ordinary tests: `pytest tests/browser`, with `.[browser]`."""
