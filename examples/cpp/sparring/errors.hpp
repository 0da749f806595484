// What can go wrong in a session: refusals, which leave it unharmed, and failures, which end it.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

namespace sparring {

using Metadata = std::map<std::string, std::string>;

// A recoverable failure: answered with an Error frame. The world must not have moved.
struct Refused : std::runtime_error {
  Refused(std::string why, const std::string& message, Metadata values = {})
      : std::runtime_error(message), reason(std::move(why)), metadata(std::move(values)) {}
  std::string reason;
  Metadata metadata;
};

// gRPC status codes that the contract names, by their numbers.
enum class Code { kInvalidArgument = 3, kNotFound = 5, kResourceExhausted = 8, kFailedPrecondition = 9, kInternal = 13 };

// Ends the session with a gRPC status that carries one google.rpc.ErrorInfo.
struct Fatal : std::runtime_error {
  Fatal(Code status, std::string why, const std::string& message, Metadata values = {})
      : std::runtime_error(message), code(status), reason(std::move(why)), metadata(std::move(values)) {}
  Code code;
  std::string reason;
  Metadata metadata;
};

// The bytes of google.rpc.Status with one google.rpc.ErrorInfo, as they travel in grpc-status-details-bin.
std::string ErrorDetails(const Fatal& failure);

}  // namespace sparring
