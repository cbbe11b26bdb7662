"""Runs the migrations of one branch (registry or inbox) on a connection that Database.migrate hands over."""

from typing import Any, Literal

from alembic import context

from experiments.registry.models import InboxBase, RegistryBase, UtcTime


def plain_time(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our time type as the database's own, so that old migrations never depend on our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcTime) else False


branch = context.config.attributes["branch"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata={"registry": RegistryBase, "inbox": InboxBase}[branch].metadata,
    version_table=f"{branch}_version",
    render_as_batch=True,
    render_item=plain_time,
)
with context.begin_transaction():
    context.run_migrations()
