"""How good the writing is."""
