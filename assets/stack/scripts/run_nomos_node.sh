#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
exec /etc/nomos/scripts/run_nomos.sh validator
