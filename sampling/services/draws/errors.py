"""Why a draw is refused."""


class DrawRefusedError(ValueError):
    """Raised when a sample cannot be drawn; nothing was written."""


class DrawStateError(DrawRefusedError):
    """Raised when a draw is not in the state that an action needs."""
