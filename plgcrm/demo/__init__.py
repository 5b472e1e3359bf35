"""The demo: everything the product needs, started with one command and stopped with Ctrl-C."""
