"""The corridor: decide a close as a plan, act on it, let gateway and catalogue follow, take it back."""
