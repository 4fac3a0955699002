"""What services promise: a package for each contract."""
