"""report.html, from the results."""
