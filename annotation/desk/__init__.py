"""The desk: what people who listen and judge do, as plain functions; its pages are in `web`.

Each function takes the `Desk` (where it works, by which rules) first and opens its own
transaction: when it returns, what it did is on disk.
"""
