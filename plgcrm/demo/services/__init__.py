"""Postgres and Valkey from wheels, for the demo and the tests; they refuse to serve production.

Both listen on loop-back only and ask for a password, so another user of the machine gets nothing.
`python -m plgcrm.demo.services COMMAND...` runs a command beside a fresh pair of them.
"""
