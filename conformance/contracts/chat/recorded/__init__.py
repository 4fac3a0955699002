"""What a recording of chat completions shows that was made for other purposes."""
