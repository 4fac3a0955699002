"""How a provider is asked: probes, the plan, and the sender within bounds of pace, time and money."""
