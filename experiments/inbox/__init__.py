"""The inbox: where events wait, durable, until they are loaded into the lake."""

from experiments.inbox.batches import Inbox, Malformed, Receipt, Reject

__all__ = ["Inbox", "Malformed", "Receipt", "Reject"]
