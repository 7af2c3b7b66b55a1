"""What is kept in Snowflake beside the results, and what is looked after there: nothing of it holds up a load."""
