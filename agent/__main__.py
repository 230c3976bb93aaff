"""`python -m agent` is `closer`."""

from agent.interfaces.entry import main

main()
