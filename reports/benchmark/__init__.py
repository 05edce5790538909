"""The benchmark: every method on every task, found from the results and listed nowhere.

This folder holds statistics and tables so far. It counts as a paper, with a plan and a report, once it has a runs.yaml.
"""

RANDOM = "random"
"""The method whose mean return is scored 0: it chooses at random and learns nothing."""
BASELINE = "backprop_traces"
"""The method that the others are compared to."""
