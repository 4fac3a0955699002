"""What holds for every contract on a host: keys, errors, models and transport."""
