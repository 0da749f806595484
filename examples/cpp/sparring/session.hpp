// One session: numbered requests to one environment, each carried out once, and the last answer kept.
#pragma once

#include <memory>
#include <string>

#include "sparring/api/environment/v1/environment_service.pb.h"
#include "sparring/environment.hpp"
#include "sparring/errors.hpp"

namespace sparring {

constexpr uint32_t kMajor = 1, kMinor = 0;

using api::environment::v1::SessionRequest;
using api::environment::v1::SessionResponse;

// Throws Fatal VERSION_MISMATCH.
void CheckVersion(const api::space::v1::ProtocolVersion& version);
void WriteVersion(api::space::v1::ProtocolVersion* version);

// Names what the server can do, in Describe and in Started.
template <class Message>
void WriteCapabilities(const Offer& offer, Message* message) {
  message->add_capabilities("resume");
  if (offer.keeps_time) message->add_capabilities("time");
}

// Makes an instance from a component's parameters. Throws Fatal PARAMETERS_INVALID.
std::unique_ptr<Environment> MakeEnvironment(const Offer& offer, const api::space::v1::FreeValue& parameters);

class Session {
 public:
  // Throws Fatal.
  Session(const Offer& offer, const api::environment::v1::Start& start);

  // Carries out a request, unless it was before; `last` is then its answer. Throws Fatal: the session is over.
  void Answer(const SessionRequest& request);

  const SessionResponse& last() const { return answer_; }

 private:
  void Carry(const SessionRequest& request);
  void Write(const Moment& moment, api::environment::v1::ResetDone* done);

  const Offer& offer_;
  std::unique_ptr<Environment> environment_;
  SessionResponse answer_;
  Clock clock_;
  bool over_ = false;  // the episode
};

}  // namespace sparring
