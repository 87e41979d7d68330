#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a node's container runs: run_nomos.sh validator|executor. It becomes cfgsync-client, which becomes the node.
set -eu
export CFG_HOST_KIND="${1:-${CFG_HOST_KIND:?is validator or executor}}"
# In Kubernetes the variable is injected, and a name may not resolve.
cfgsync=${CFGSYNC_SERVICE_HOST:-cfgsync}
case $cfgsync in *:*) cfgsync="[$cfgsync]" ;; esac
export CFG_SERVER_ADDR="${CFG_SERVER_ADDR:-http://$cfgsync:4400}"
export CFG_HOST_IDENTIFIER="${CFG_HOST_IDENTIFIER:-$(hostname)}"
export CFG_HOST_IP="${CFG_HOST_IP:-$(hostname -i 2>/dev/null || true)}"
exec /usr/bin/cfgsync-client
