"""What a secret looks like: by its shape, by its name, by its randomness, and in disguise."""
