"""The HTTP door: `/v1` on the loopback interface, for whoever holds the home's token."""
