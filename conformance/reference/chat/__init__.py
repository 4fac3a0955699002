"""How the embedded provider speaks chat completions."""
