"""What a text says, sentence by sentence: words, kinds of sentence, cues, dates, and the slot a statement fills."""
