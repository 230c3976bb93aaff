"""Words that subjects are named by, and that open one."""
