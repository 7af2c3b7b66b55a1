"""Sample executions that look like the real thing: marketing analytics, and flights."""

from sandbox.samples.execution import Column, SampleExecution
from sandbox.samples.mix import sample_executions

__all__ = ["Column", "SampleExecution", "sample_executions"]
