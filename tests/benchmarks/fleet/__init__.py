"""Many boxes on one broker, as a benchmark: `python -m tests.benchmarks.fleet`."""
