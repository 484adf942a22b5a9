"""Streamlit's AppTest with the server's script runs, one scan for components, and one compilation of each page."""

from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from lab.ui.script_runs import WholeScriptRunner

LocalScriptRunner.__bases__ = (WholeScriptRunner,)
del LocalScriptRunner._on_script_finished  # a copy of Streamlit's, which would hide that of `WholeScriptRunner`

manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
_compile = ScriptCache.get_bytecode


@cache
def _compiled(path, _changed):
    return _compile(ScriptCache(), path)


ScriptCache.get_bytecode = lambda _self, path: _compiled(path, Path(path).stat().st_mtime_ns)

__all__ = ["AppTest"]
