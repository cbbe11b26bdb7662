"""Before launch: who will come, how many are needed, what the plan would do, and whether its metrics can be trusted."""
