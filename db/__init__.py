"""Records: tables, queries and migrations. The only SQL of the project.

`engine.connect`, `engine.upgrade` and `engine.transaction` open the records; every other function
takes that transaction first and leaves it open, so that the caller decides what counts together.
What comes back are the dataclasses of `db.records` and `db.desk_records`, or DataFrames where a
whole pool is read.
"""
