"""The stage: what a stream does, beside the lesson, at any moment of its run.

`style` defines its position, and is light enough to be sent first; `view` draws it.
"""
