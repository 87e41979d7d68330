// SPDX-License-Identifier: Apache-2.0
#include "listen.h"

#include "absl/strings/str_cat.h"
#include "boost/asio/socket_base.hpp"

namespace gtestnet::node {

using boost::asio::ip::tcp;

Address ToAddress(const tcp::endpoint& endpoint) {
  return {endpoint.address().to_string(), endpoint.port()};
}

absl::Status OpenListener(tcp::acceptor& acceptor, const Address& address, const char* purpose) {
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address.host, error);
  const tcp::endpoint endpoint(ip, address.port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(boost::asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) return absl::OkStatus();
  const std::string where = absl::StrCat(address.ToString(), " for ", purpose);
  if (error == boost::asio::error::address_in_use) {
    return absl::AlreadyExistsError(absl::StrCat("the address ", where, " is in use"));
  }
  return absl::UnavailableError(absl::StrCat("cannot listen on ", where, ": ", error.message()));
}

}  // namespace gtestnet::node
