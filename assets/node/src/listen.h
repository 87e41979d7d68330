// SPDX-License-Identifier: Apache-2.0
//
// Opening a listening TCP socket, with the sentence for when that fails.
#ifndef GTESTNET_NODE_LISTEN_H_
#define GTESTNET_NODE_LISTEN_H_

#include "absl/status/status.h"
#include "boost/asio/ip/tcp.hpp"
#include "config.h"

namespace gtestnet::node {

// `purpose` is what the address is for: "the API". The address may be taken again at once after its
// last owner ended; kAlreadyExists when a process has it now.
[[nodiscard]] absl::Status OpenListener(boost::asio::ip::tcp::acceptor& acceptor,
                                        const Address& address, const char* purpose);

// The endpoint as a config has it.
[[nodiscard]] Address ToAddress(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_LISTEN_H_
