"""What others recorded, judged: HAR files, VCR cassettes, journals and pairs in JSON Lines."""
