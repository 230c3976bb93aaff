"""The door of hosts: a process that a host may kill after a second. It writes a request and ends, always with 0."""
