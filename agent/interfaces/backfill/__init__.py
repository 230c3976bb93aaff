"""The door of the past: conversations that hosts kept from before closer was there, closed one after the other."""
