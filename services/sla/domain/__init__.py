"""The rules of sla: how time is counted, when a clock warns and when it is breached. Pure."""
