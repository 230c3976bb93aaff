"""One module a verb, named after it with an underscore behind, because some verbs are words of Python."""
