"""Practice data: a month of an invented retailer's business, made reproducibly from real baskets and real cities.

What was bought together comes from a real shop, where people live from a real gazetteer; names, phones, streets,
warehouses and prices of carriage are invented. Nothing here draws from the clock: the day of the promotion is given.
"""
