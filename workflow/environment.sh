#!/bin/sh
# Makes .venv of the newest Python that all pinned packages support, and installs these packages. Does nothing where both are done.
# Exits with code 2 and one line, before anything is made, where it cannot. $PYTHON names another Python, $VENV another folder.
set -eu
cd "$(dirname "$0")/.."

VENV=${VENV:-.venv}
INSTALLED=$VENV/requirements-as-installed.txt
WANTED="Python 3.11, 3.12 or 3.13" # Box2D has no wheel for later ones

refuse() {
    echo "$1" >&2
    exit 2
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

is_supported() {
    case $(version_of "$1") in 3.11 | 3.12 | 3.13) ;; *) return 1 ;; esac
}

# The command of the newest Python that will do, where there is one.
choose() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.13 python3.12 python3.11 python3 python
    fi
    others= incomplete=
    for python in "$@"; do
        version=$(version_of "$python") || continue
        if ! is_supported "$python"; then
            others="$others, $python is $version"
        elif "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$python"
            return
        else
            incomplete=${incomplete:-$python}
        fi
    done
    if [ -n "$incomplete" ]; then
        version=$(version_of "$incomplete")
        refuse "$incomplete (Python $version) lacks its module venv: install it, as by apt install python$version-venv, and run the same command again"
    fi
    found=${others:+"${others#, }"}
    refuse "$WANTED is needed (${found:-${PYTHON:-python3} not found}): install one, as by apt install python3.12 python3.12-venv or uv python install 3.13, or name it, as in make PYTHON=/usr/bin/python3.12"
}

# The folder of the Python that starts the scripts of an environment, which holds these too unless they were copied or moved.
python_of_scripts() {
    interpreter=$(sed -n "1s/^#!\(.*\/python[0-9.]*\)\$/\1/p; 2s/^'''exec' \"\([^\"]*\)\".*/\1/p" "$VENV/bin/pip" 2>/dev/null | head -n 1)
    dirname "${interpreter:-$VENV/bin/python}"
}

check() {
    again="delete the folder $VENV and run the same command again, which makes it anew"
    version=$(version_of "$VENV/bin/python") || refuse "$VENV holds no Python that starts; $again"
    is_supported "$VENV/bin/python" || refuse "$VENV is of Python $version, and $WANTED is needed; $again"
    [ "$(python_of_scripts)" -ef "$VENV/bin" ] || refuse "$VENV was made elsewhere, in $(python_of_scripts); $again"
}

if [ -e "$VENV" ] || [ -L "$VENV" ]; then
    check
else
    python=$(choose)
    "$python" -m venv "$VENV"
fi
if cat requirements.txt constraints.txt | cmp -s - "$INSTALLED"; then
    "$VENV/bin/python" workflow/process/packages.py "$INSTALLED"
else
    "$VENV/bin/python" -m pip install --requirement requirements.txt --constraint constraints.txt
    cat requirements.txt constraints.txt >"$INSTALLED"
fi
