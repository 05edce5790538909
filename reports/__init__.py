"""From result files to figures, tables and one PDF a paper; knows nothing of algorithms or environments."""
