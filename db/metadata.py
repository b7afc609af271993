"""What all tables share: how constraints are named, and two columns' worth of shorthand."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def serial(name: str) -> Column[int]:
    """Numbers rows in the order in which they arrive."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return Column(name, number, primary_key=True, autoincrement=True)


def one_of(column: str, *values: str) -> CheckConstraint:
    """That a column holds one of these words (or NULL, where it may)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
