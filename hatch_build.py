"""Puts the pages and the documents into the wheel: `web/` as `assistant/_web`, `corpus/` as `assistant/_corpus`."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackagedFolders(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    """An editable install reads the folders of the checkout instead, so that a changed page is seen at once."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds a wheel."""
        if version == "standard":
            build_data["force_include"] |= {"web": "assistant/_web", "corpus": "assistant/_corpus"}
