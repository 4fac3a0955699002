"""What crosses the wire: bytes and times, and their strict readers. No contract, no verdict."""
