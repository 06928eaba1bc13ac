"""What the vendors' sandboxes share: the books of a back office, its staff, trouble on request, and a server.

Nothing here knows a vendor. A vendor's sandbox puts its own API, with its own strictness, in front of the books.
"""
