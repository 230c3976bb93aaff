"""What makes a sentence worth keeping, and as what."""
