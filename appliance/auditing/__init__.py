"""The meter: judges a finished recording with networks and rules of its own, none of them the pipeline's."""
