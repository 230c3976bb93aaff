"""Ask the memory."""
