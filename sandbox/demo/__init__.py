"""`manage.py demo`: the whole system on a laptop, with sample data."""
