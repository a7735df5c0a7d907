"""Photos and videos that a phone sends to be redacted: kept as files, worked on one after the other, deleted in time.

Each job is a folder of its own that only the services' user can open. What it says in words (file name, who stays
shown) is locked; the pictures are not: a key that lay beside them would hide nothing.
"""
