"""What every DAG here shares: who looks after it, and how often a task that failed is tried again."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

RETRIES = int(os.environ.get("KEEPERS_DAG_RETRIES", "2"))
WAIT = timedelta(seconds=int(os.environ.get("KEEPERS_DAG_RETRY_SECONDS", "300")))
TIME_ZONE = os.environ.get("KEEPERS_TIME_ZONE") or "UTC"  # a day closes at midnight in this zone

COMMON: dict[str, Any] = {
    "start_date": datetime(2024, 1, 1, tzinfo=UTC),
    "catchup": False,  # each run takes up all that is waiting, so missed runs need no run of their own
    "max_active_runs": 1,
    "tags": ["keepers"],
    "default_args": {"owner": "keepers", "retries": RETRIES, "retry_delay": WAIT},
}
