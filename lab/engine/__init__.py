"""Spark in this process: the JVM, the one SparkContext, a workspace for each learner, and records of their queries."""
