"""What of a subject's talk and deeds a summary shows."""
