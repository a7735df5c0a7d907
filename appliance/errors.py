"""The one error tree. Each message is one line for a person: the thing, what was expected, what to do.

MofyError
├── InputError      a file, address or option the user gave cannot be used
│   └── PhotoError  a photo that cannot enrol or be redacted
├── ConfigError     the configuration is wrong
├── ModelError      a model file is missing, altered, or answers nonsense
│   └── ChipError   a model that this chip cannot run, where another one can be
├── StoreError      the people store or its key cannot be read or written
├── CaptureError    a source cannot be opened or stopped delivering
└── SinkError       an output cannot be opened or written
"""


class MofyError(Exception):
    """Anything MOFY reports to a person in one line."""


class InputError(MofyError):
    """A file, address or option given by the user cannot be used."""


class PhotoError(InputError):
    """A photo cannot be read, or holds no face that can be enrolled."""

    def __init__(self, message: str, code: str = "unreadable") -> None:
        """code: the reason in one fixed word, for whoever tells it in another language."""
        super().__init__(message)
        self.code = code


class ConfigError(MofyError, ValueError):
    """The configuration is wrong; all faults are named at once."""


class ModelError(MofyError):
    """A model file is missing or altered, or the model answers nonsense."""


class ChipError(ModelError):
    """This chip cannot run the model; another form of it may."""


class StoreError(MofyError):
    """The people store or its key is missing, damaged, locked or read-only."""


class CaptureError(MofyError):
    """A source cannot be opened, or has stopped delivering frames."""


class SinkError(MofyError):
    """An output cannot be opened or written."""


def system_reason(error: OSError) -> str:
    """Why the system refused, for the middle of a sentence: "no space left on device"."""
    return (error.strerror or str(error)).lower()
