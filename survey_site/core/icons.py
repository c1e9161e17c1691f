"""Line drawings, 24 by 24, in the colour of the text around them."""

ICONS: dict[str, str] = {
    "alert": '<path d="M12 4 2.5 20h19zM12 10v4.5M12 17.5v.1"/>',
    "back": '<path d="M9 7 4 12l5 5M4 12h11a5 5 0 0 1 0 8h-2"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7"/>',
    "check-circle": '<circle cx="12" cy="12" r="9"/><path d="m8 12.5 2.7 2.7L16 9.5"/>',
    "circle": '<circle cx="12" cy="12" r="8"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "cloud": '<path d="M7 18a4 4 0 0 1-.5-8 5.5 5.5 0 0 1 10.5 0A4 4 0 0 1 17 18z"/>',
    "cloud-off": '<path d="M7 18a4 4 0 0 1-1-8M10 6a6 6 0 0 1 7 4 4 4 0 0 1 3 6M14 18H7M4 4l16 16"/>',
    "document": '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>',
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M5 20h14"/>',
    "face-1": '<circle cx="12" cy="12" r="9"/><path d="M9 9v.5M15 9v.5M8 16.5q4-4.5 8 0"/>',
    "face-2": '<circle cx="12" cy="12" r="9"/><path d="M9 9v.5M15 9v.5M8.5 16q3.5-2 7 0"/>',
    "face-3": '<circle cx="12" cy="12" r="9"/><path d="M9 9v.5M15 9v.5M8.5 15.5h7"/>',
    "face-4": '<circle cx="12" cy="12" r="9"/><path d="M9 9v.5M15 9v.5M8.5 15q3.5 2 7 0"/>',
    "face-5": '<circle cx="12" cy="12" r="9"/><path d="M9 9v.5M15 9v.5M7.5 14q4.5 5 9 0"/>',
    "flag": '<path d="M5 21V4h13l-3 4.5 3 4.5H5"/>',
    "half": '<circle cx="12" cy="12" r="9"/><path fill="currentColor" d="M12 3a9 9 0 0 1 0 18z"/>',
    "hand": '<path d="M7 11v3M10.5 5v8M14 4v9M17.5 6v8a5.5 5.5 0 0 1-5.5 6.5A5.5 5.5 0 0 1 6.5 15v-3"/>',
    "home": '<path d="m4 11 8-7 8 7v9h-5.5v-6h-5v6H4z"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.1"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "no": '<circle cx="12" cy="12" r="9"/><path d="m6 6 12 12"/>',
    "pencil": '<path d="m5 19 1-4L16 5l3 3L9 18z"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M5 20a7 7 0 0 1 14 0"/>',
    "phone": '<path d="M6 4h4l2 4-2 2a9 9 0 0 0 4 4l2-2 4 2v4A16 16 0 0 1 6 4z"/>',
    "pin": '<path d="M12 21s-6-6-6-11a6 6 0 0 1 12 0c0 5-6 11-6 11z"/><circle cx="12" cy="10" r="2"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z"/>',
    "sound": '<path d="M4 10v4h3l4 3.5v-11L7 10zM14.5 9.5a4 4 0 0 1 0 5M17 7a8 8 0 0 1 0 10"/>',
}


class UnknownIconError(KeyError):
    """Raised for an icon that is not drawn."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Expected one of {', '.join(sorted(ICONS))}; got {name!r}. Draw it in core/icons.py."
        )


def drawing(name: str) -> str:
    """Return the inner SVG markup of an icon."""
    try:
        return ICONS[name]
    except KeyError:
        raise UnknownIconError(name) from None
