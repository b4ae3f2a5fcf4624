"""A command in parts that no line may break."""

from __future__ import annotations

import shlex


def settings_apart(command: str) -> list[str]:
    """Divide a command for a POSIX shell into the words before its options, and each option with its value.

    Parameters
    ----------
    command : str
        As `shlex.join` writes it, each option followed by one value.

    Returns
    -------
    list of str
        Joined by blanks they are the command.
    """
    words = [shlex.quote(word) for word in shlex.split(command)]
    first = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
    return [" ".join(words[:first]), *(" ".join(words[at : at + 2]) for at in range(first, len(words), 2))]
