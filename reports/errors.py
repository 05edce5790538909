"""The one exception of this package that a user should read rather than report."""


class ResultError(Exception):
    """Results that cannot be reported as they are; the message is one line naming the file and what to do."""
