"""Run by alembic; the connection and its transaction come from `db.migrating`."""

from alembic import context

from db.migrating import VERSION_TABLE
from db.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
