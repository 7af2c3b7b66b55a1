"""What the monitoring page, the metrics and sync_status tell."""
