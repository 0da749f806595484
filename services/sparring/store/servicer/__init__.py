"""The StoreService on the wire: each method decodes, makes one call and encodes. One file per noun."""
