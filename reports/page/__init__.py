"""One static HTML file with the results: curves, sortable tables, and the settings behind every cell. It needs no network."""
