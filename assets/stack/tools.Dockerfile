# SPDX-License-Identifier: Apache-2.0
# What a kind of node whose image is its own needs beside it: cfgsync, and the programs that are mounted into the nodes' containers.
FROM scratch
COPY rootfs/ /
ENV PATH=/usr/bin:/bin
USER 65532:65532
WORKDIR /var/lib/gtestnet
ENTRYPOINT ["/usr/bin/cfgsync-server"]
