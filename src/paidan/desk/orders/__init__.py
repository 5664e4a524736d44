"""The order desk: the list of orders with its batch actions, and the page of one order."""
