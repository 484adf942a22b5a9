"""The retrospective as a PDF."""
