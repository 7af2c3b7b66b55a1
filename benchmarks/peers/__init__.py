"""What others do for the same result."""
