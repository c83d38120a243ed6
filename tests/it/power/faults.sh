#!/bin/bash
# Fails every write, sync and rename of one load with ENOSPC and EIO: see power.py.
# usage: faults.sh BIN [STEP]        STEP 1 tries every call, 7 every seventh; needs strace, exits 77 without it
exec python3 "$(dirname "$0")/power.py" faults "$@"
