// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/protocol.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace gtestnet::guardian {
namespace {

constexpr uint32_t kMagic = 0x31474e47;  // "GNG1": another version of the library is refused

template <class T>
void Put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void Put(std::string& bytes, const std::string& text) {
  Put(bytes, static_cast<uint32_t>(text.size()));
  bytes += text;
}
void Put(std::string& bytes, const std::vector<std::string>& texts) {
  Put(bytes, static_cast<uint32_t>(texts.size()));
  for (const std::string& text : texts) Put(bytes, text);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  bool Get(T& value) {
    if (bytes_.size() < sizeof value) return false;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return true;
  }
  bool Get(std::string& text) {
    uint32_t size = 0;
    if (!Get(size) || bytes_.size() < size) return false;
    text.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return true;
  }
  bool Get(std::vector<std::string>& texts) {
    uint32_t count = 0;
    // Each takes four bytes at least.
    if (!Get(count) || count > bytes_.size() / sizeof(uint32_t)) return false;
    texts.resize(count);
    for (std::string& text : texts) {
      if (!Get(text)) return false;
    }
    return true;
  }
  bool done() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

// A file in memory that holds `bytes`; negative with errno.
int MemoryFile(std::string_view bytes) {
  const int file = memfd_create("gtestnet-message", MFD_CLOEXEC);
  while (file >= 0 && !bytes.empty()) {
    const ssize_t size = write(file, bytes.data(), bytes.size());
    if (size >= 0) {
      bytes.remove_prefix(static_cast<size_t>(size));
    } else if (errno != EINTR) {
      const int error = errno;
      close(file);
      errno = error;
      return -1;
    }
  }
  return file;
}

// Of a message that goes along as a file, the packet is this.
constexpr std::string_view kInFile = "GNGF";

// Room for a sender's name and a file.
using Control = std::array<char, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int))>;

template <class T>
void Attach(msghdr& header, Control& control, int type, const T& value) {
  header.msg_control = control.data();
  auto* const item = reinterpret_cast<cmsghdr*>(control.data() + header.msg_controllen);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(item), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

// 0, or an errno. `file` is negative where there is none.
int SendPacket(int socket, std::string_view bytes, int file, pid_t about) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) Control control{};
  if (about != 0) Attach(header, control, SCM_CREDENTIALS, ucred{about, getuid(), getgid()});
  if (file >= 0) Attach(header, control, SCM_RIGHTS, file);
  while (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

// All that is in a file; nothing with errno.
std::optional<std::string> ReadFile(int file) {
  struct stat info {};
  if (fstat(file, &info) != 0) return std::nullopt;
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  for (size_t read = 0; read < bytes.size();) {
    const ssize_t size =
        pread(file, bytes.data() + read, bytes.size() - read, static_cast<off_t>(read));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::nullopt;
    read += static_cast<size_t>(size);
  }
  return bytes;
}

}  // namespace

std::string Encode(const Message& m) {
  std::string bytes;
  Put(bytes, kMagic);
  Put(bytes, static_cast<uint8_t>(m.type));
  Put(bytes, m.sequence);
  Put(bytes, m.id);
  Put(bytes, m.code);
  Put(bytes, m.value);
  Put(bytes, m.text);
  Put(bytes, m.arguments);
  Put(bytes, m.environment);
  Put(bytes, m.directory);
  Put(bytes, m.log);
  return bytes;
}

std::optional<Message> Decode(std::string_view bytes) {
  Message m;
  Reader reader(bytes);
  uint32_t magic = 0;
  uint8_t type = 0;
  if (!reader.Get(magic) || magic != kMagic || !reader.Get(type)) return std::nullopt;
  if (type < static_cast<uint8_t>(MessageType::kReady) ||
      type > static_cast<uint8_t>(MessageType::kLetGo)) {
    return std::nullopt;
  }
  m.type = static_cast<MessageType>(type);
  if (!reader.Get(m.sequence) || !reader.Get(m.id) || !reader.Get(m.code) || !reader.Get(m.value) ||
      !reader.Get(m.text) || !reader.Get(m.arguments) || !reader.Get(m.environment) ||
      !reader.Get(m.directory) || !reader.Get(m.log) || !reader.done()) {
    return std::nullopt;
  }
  return m;
}

int Send(int socket, const Message& message, pid_t about) {
  const std::string bytes = Encode(message);
  if (bytes.size() <= kMaxPacket) {
    // Socket buffers may have been made smaller on this machine.
    const int error = SendPacket(socket, bytes, -1, about);
    if (error != EMSGSIZE && error != ENOBUFS) return error;
  }
  const int file = MemoryFile(bytes);
  if (file < 0) return errno;
  const int error = SendPacket(socket, kInFile, file, about);
  close(file);
  return error;
}

std::optional<Received> Receive(int socket, int& error) {
  error = 0;
  std::string bytes(kMaxPacket, '\0');
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t size = 0;
  while ((size = recvmsg(socket, &header, MSG_CMSG_CLOEXEC)) < 0) {
    if (errno == EINTR) continue;
    // The other end died with messages of ours unread: that is its close.
    error = errno == ECONNRESET ? 0 : errno;
    return std::nullopt;
  }
  Received received;
  int file = -1;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET) continue;
    if (item->cmsg_type == SCM_CREDENTIALS) {
      ucred who{};
      std::memcpy(&who, CMSG_DATA(item), sizeof who);
      received.about = who.pid;
    }
    if (item->cmsg_type == SCM_RIGHTS) std::memcpy(&file, CMSG_DATA(item), sizeof file);
  }
  if (size == 0) return std::nullopt;
  bytes.resize(static_cast<size_t>(size));
  std::optional<Message> message;
  if (file >= 0) {
    if (bytes == kInFile) bytes = ReadFile(file).value_or("");
    close(file);
  }
  if ((header.msg_flags & MSG_TRUNC) == 0) message = Decode(bytes);
  if (!message) {
    error = EBADMSG;
    return std::nullopt;
  }
  received.message = *std::move(message);
  return received;
}

}  // namespace gtestnet::guardian
