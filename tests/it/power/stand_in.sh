#!/bin/bash
# A stand-in for `dabiao` that knows only the lake (tests/it/lake_stand_in.rs): DABIAO_IT names the test binary.
# The harness prints to its own standard output, so the caller's becomes number 3.
export DABIAO_STAND_IN
DABIAO_STAND_IN=$(IFS=$'\x1f'; printf '%s' "$*")
exec 3>&1 1>/dev/null "${DABIAO_IT:?the test binary}" lake::stand_in::command --exact --nocapture --test-threads=1
