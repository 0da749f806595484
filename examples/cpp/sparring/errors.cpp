// Writes google.rpc.Status by hand: three small messages, not worth another dependency.
#include "sparring/errors.hpp"

namespace sparring {
namespace {

std::string Varint(uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes.push_back(static_cast<char>(number | 0x80));
  bytes.push_back(static_cast<char>(number));
  return bytes;
}

std::string Piece(int field, const std::string& content) {
  return Varint(static_cast<uint64_t>(field) << 3 | 2) + Varint(content.size()) + content;
}

}  // namespace

std::string ErrorDetails(const Fatal& failure) {
  std::string info = Piece(1, failure.reason) + Piece(2, "sparring");
  for (const auto& [name, value] : failure.metadata) info += Piece(3, Piece(1, name) + Piece(2, value));
  const std::string any = Piece(1, "type.googleapis.com/google.rpc.ErrorInfo") + Piece(2, info);
  return Varint(1 << 3) + Varint(static_cast<uint64_t>(failure.code)) + Piece(2, failure.what()) + Piece(3, any);
}

}  // namespace sparring
