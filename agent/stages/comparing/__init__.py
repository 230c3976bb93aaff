"""How two statements differ, and whether one takes the other's place."""
