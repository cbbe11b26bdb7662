"""The version of this SDK, sent with every batch."""

__version__ = "0.1.0"
SDK = f"keepers-python/{__version__}"
