"""What can go wrong, grouped by what the caller can do about it."""

from __future__ import annotations


class AssistantError(Exception):
    """A fault whose message may be shown to a person: it says what, with which value, and what to do next."""


class SettingsError(AssistantError):
    """A setting is unknown or has a value of the wrong kind."""


class ModelError(AssistantError):
    """The embedding model cannot be loaded."""


class CorpusError(AssistantError):
    """The corpus has faults that stop a build; `assistant check` lists them."""


class IndexMissing(AssistantError):
    """There is no index yet; `assistant build` makes one."""


class IndexMismatch(AssistantError):
    """The index was built with another model, analyser or version; `assistant build` makes a fitting one."""


class BuildBusy(AssistantError):
    """Another build is running on the same index."""


class BuildFailed(AssistantError):
    """The build could not be finished; the last good index is untouched."""


class QuestionInvalid(AssistantError):
    """The question is empty or too long."""


class ConversationUnknown(AssistantError):
    """No conversation has the given id."""


class ConversationExpired(ConversationUnknown):
    """The conversation has expired or was erased; a new one can begin."""


class StorageError(AssistantError):
    """What people wrote cannot be read or kept: the disk is full, or the file is not writable or not whole."""


class DocumentUnknown(AssistantError):
    """No document has the given id."""


class EvaluationError(AssistantError):
    """The judged questions cannot be read."""
