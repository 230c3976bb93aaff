"""A benchmark of what a memory writes: how it splits, files, extracts, decides, summarises, names and redacts."""
