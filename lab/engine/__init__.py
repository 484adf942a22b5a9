"""Spark in this process: the JVM, the one SparkContext, a workspace a learner, and what their queries did."""
