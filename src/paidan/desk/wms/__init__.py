"""Files for warehouses' own systems: what is to be shipped goes out, how far it is comes back.

`docs/how-to/wms-files.md` tells the other side.
"""
