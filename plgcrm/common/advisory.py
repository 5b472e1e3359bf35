"""Every number that names an advisory lock of Postgres, so that no two mean the same.

Each is held until the transaction ends. docs/explain/locks.md says in which order they are taken. Another application
in the same database should keep away from 7_270_000 to 7_270_099.
"""

# Alone: whoever finds out who is who reads across people, and what was read must stay true until it is written.
IDENTITY = 7_270_001
# Alone: of two processes that miss a month's table, one makes it and the other then finds it.
PARTITIONS = 7_270_002
# Shared by every batch being stored, alone for a moment while a meaning changes: each event is counted exactly once.
MEANINGS = 7_270_003
# With an account's id as its second number: two plays never open a conversation with one account at once, while
# ingest and identity, which write account rows, wait for nobody.
ACCOUNT = 7_270_004
# Alone: what is written down as said before a change must be what was there.
VOCABULARY = 7_270_005
# Alone: of two requests for which there is room for one, one is let through and the other sees it.
REQUESTS = 7_270_006
