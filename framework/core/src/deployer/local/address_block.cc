// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/local/address_block.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "core/src/base/status.h"
#include "gtestnet/random.h"

namespace gtestnet {
namespace {

constexpr int kTries = 32;
// After so many blocks whose ports are taken, somebody listens on all addresses: move the ports.
constexpr int kTriesPerPort = 3;

absl::Status TryPorts(const AddressBlock& block, int nodes) {
  for (NodeIndex node = 0; node < nodes; ++node) {
    const NodeAddress address = block.AddressOf(node);
    for (const auto& [name, port] : address.ports) {
      GTESTNET_RETURN_IF_ERROR(TryListening(address.host, port));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string AddressBlock::LeaseName() const {
  return "gtestnet/127." + std::to_string(x) + "." + std::to_string(y);
}

NodeAddress AddressBlock::AddressOf(NodeIndex node) const {
  return {"127." + std::to_string(x) + "." + std::to_string(y) + "." + std::to_string(node + 1),
          ports};
}

std::string AddressBlock::LastAddress() const {
  return "127." + std::to_string(x) + "." + std::to_string(y) + ".255";
}

absl::Status TryListening(const std::string& host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  const std::string where = host + ":" + std::to_string(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    return InvalidArgument(where + " is no address");
  }
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return ErrnoStatus(errno, "socket");
  // As servers do, so that connections that ended just now do not count.
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  absl::Status status;
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 1) != 0) {
    status = ErrnoStatus(errno, where);
  }
  close(listener);
  return status;
}

absl::StatusOr<AddressBlock> LeaseBlock(Guardian& guardian, const std::string& run_id,
                                        const std::vector<PortSpec>& ports, int nodes) {
  Random random(SeedFor(0, run_id));
  absl::Status last;
  int taken = 0;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    AddressBlock block;
    block.x = 1 + static_cast<int>(random.Below(254));
    block.y = static_cast<int>(random.Below(256));
    for (const PortSpec& port : ports) {
      block.ports[port.name] = static_cast<uint16_t>(port.well_known + taken / kTriesPerPort * 101);
    }
    last = guardian.AddLease(block.LeaseName());
    if (absl::IsAlreadyExists(last)) continue;
    GTESTNET_RETURN_IF_ERROR(last);
    last = TryPorts(block, nodes);
    if (last.ok()) return block;
    ++taken;
  }
  return Unavailable("no block of loopback addresses 127.x.y.0/24 is free, after " +
                     std::to_string(kTries) + " tries; last: " + MessageOf(last));
}

}  // namespace gtestnet
