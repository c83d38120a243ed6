#!/bin/bash
# Kills running loads N times at random instants and resumes them: see power.py.
# usage: kill.sh BIN [N]
exec python3 "$(dirname "$0")/power.py" kill "$@"
