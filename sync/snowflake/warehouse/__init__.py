"""What is kept beside the results: the statements for it, run in their order, and what their answers mean."""
