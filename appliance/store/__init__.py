"""Who is enrolled, what is wished: locked rows in one database, and its key in a file beside it."""

from appliance.store.store import DATABASE, KEY, Store, exists, gallery_or_nobody

__all__ = ["DATABASE", "KEY", "Store", "exists", "gallery_or_nobody"]
