"""How it is asked: sending probes, recording what came back byte for byte, and reading it strictly."""
