"""run.html and junit.xml: what pytest's plugins write, put beside the files of the run when it is whole."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conformance.running.folder import JUNIT, LOG
from conformance.wire import files


class PytestFiles:
    """The files that pytest-html and pytest's JUnit write at the end, unless the user said where.

    They are written elsewhere first. A run of which nothing is known, and a disk that is full, then leave
    none, and no half of one; and the plugins do not speak of them.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Raises OSError where there is no place for temporary files."""
        self._config = config
        self._temporary = TemporaryDirectory(prefix="conformance-")
        self._paths: list[Path] = []
        option = config.option
        if getattr(option, "htmlpath", "") is None:
            option.htmlpath = self._place(LOG)
            option.self_contained_html = True
        if getattr(option, "xmlpath", "") is None:
            option.xmlpath = self._place(JUNIT)

    def _place(self, name: str) -> str:
        self._paths.append(Path(self._temporary.name) / name)
        return str(self._paths[-1])

    def put_into(self, folder: Path) -> None:
        """Puts what was written into the folder. Raises OSError."""
        for path in self._paths:
            if path.exists():
                files.replace(folder / path.name, path.read_bytes())

    def silence(self) -> None:
        """Keeps the plugins from saying at the end that they have written what is not there."""
        manager = self._config.pluginmanager
        for plugin in list(manager.get_plugins()):
            module = type(plugin).__module__
            path = getattr(plugin, "_report_path" if module.startswith("pytest_html") else "logfile", None)
            if path is None or (Path(path) not in self._paths and Path(path).exists()):
                continue
            if module.startswith("pytest_html"):
                manager.unregister(plugin)
            elif (junit := manager.get_plugin("junitxml")) is not None:
                junit.pytest_unconfigure(self._config)  # which unregisters it, and would again

    def close(self) -> None:
        """Deletes what is not needed any more."""
        self._temporary.cleanup()
