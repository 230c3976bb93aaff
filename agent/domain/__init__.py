"""What exists: plain values and the rules that hold among them. Nothing here touches the outside world."""
