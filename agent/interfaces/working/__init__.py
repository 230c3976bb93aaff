"""What the worker is made of: the queue it fills, the requests it does, the gateway it mends, and what it says."""
