"""How long a close takes to be acknowledged, at every door and under every fault: `python -m bench.always_on`."""
