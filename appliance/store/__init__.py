"""Who is enrolled, what is wished: locked rows in one database, and its key in a file beside it."""

from appliance.store.claims import Claim
from appliance.store.database import DATABASE, KEY, exists
from appliance.store.desired import Desired
from appliance.store.store import Store, gallery_or_nobody

__all__ = ["DATABASE", "KEY", "Claim", "Desired", "Store", "exists", "gallery_or_nobody"]
