"""What a piece of stock is worth to the orders still to come: prices from stock and forecast."""
