#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run_nomos.sh validator|executor: becomes cfgsync-client, which becomes the node.
set -eu
export CFG_HOST_KIND="${1:-${CFG_HOST_KIND:?is validator or executor}}" CFG_DIRECTORY="${CFG_DIRECTORY:-/var/lib/nomos}"
exec /opt/gtestnet/cfgsync-client
