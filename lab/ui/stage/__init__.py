"""The stage: what a stream does, beside the lesson, at any moment of its run.

`style` says where it stands, and is light enough for a page to begin with it; `view` draws it.
"""
