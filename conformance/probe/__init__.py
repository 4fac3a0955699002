"""What is asked: probes, their algebra, and the plan."""
