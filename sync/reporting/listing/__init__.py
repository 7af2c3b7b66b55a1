"""Lists of items, newest first, page by page."""

from sync.reporting.listing.items import MOST_COUNTED, ItemPage, ListedItem, Listing, items_of, list_items
from sync.reporting.listing.position import Position, PositionError

__all__ = ["MOST_COUNTED", "ItemPage", "ListedItem", "Listing", "Position", "PositionError", "items_of", "list_items"]
