"""What a user says of a recorded run: its name, its tags, a note."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Labels:
    """Name, tags and note of a run; empty where there are none.

    Attributes
    ----------
    name : str
        One word that stands for this run alone in its workspace.
    tags : tuple of str
        Words that several runs may share, in the order given.
    note : str
        A line of text.
    """

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.tags or self.note)
