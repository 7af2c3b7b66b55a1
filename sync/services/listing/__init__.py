"""Lists of items, newest first, page by page."""

from sync.services.listing.items import MOST_COUNTED, ItemPage, ListedItem, Listing, items_of, list_items
from sync.services.listing.position import Position, PositionError

__all__ = ["MOST_COUNTED", "ItemPage", "ListedItem", "Listing", "Position", "PositionError", "items_of", "list_items"]
