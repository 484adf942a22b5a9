"""What answers are judged with: evidence, comparisons, checks' tools and what mistakes are made of. It knows no step."""
