#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the image of Prometheus, from the installed program or Debian's package. It takes the options of build_package_image.sh.
set -euo pipefail
installed=()
if ! dpkg-query --show prometheus >/dev/null 2>&1 && binary=$(command -v prometheus); then
  installed=(--binary "$binary")
fi
exec "$(dirname "${BASH_SOURCE[0]}")/build_package_image.sh" \
  --tag "${GTESTNET_PROMETHEUS_IMAGE:-gtestnet-prometheus:local}" --writable /prometheus ${installed[@]+"${installed[@]}"} \
  "$@" prometheus -- --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/prometheus
