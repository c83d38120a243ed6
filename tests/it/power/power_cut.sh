#!/bin/bash
# Cuts the power N times under a running sequence of loads: see power.py.
# usage: power_cut.sh BIN [N]        needs root, loop devices and mkfs.ext4; exits 77 where they are missing
exec python3 "$(dirname "$0")/power.py" cut "$@"
