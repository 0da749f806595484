// The grammar of a session: ( Update | Reset )* Shutdown, after a Start that made it.
#include "sparring/session.hpp"

#include <google/protobuf/util/json_util.h>

namespace sparring {
namespace {

template <class Message>
void WriteTime(const Clock& clock, Message* message) {
  if (clock.ticks) message->mutable_time()->add_ticks(*clock.ticks);
  if (clock.next_ticks) message->mutable_next_update()->add_ticks(*clock.next_ticks);
}

template <class Message>
void CheckMask(const Message& request) {
  if (request.lanes_size() > 1) {
    throw Refused("LANES_MISMATCH", "A session of 1 lane was given a mask of " + std::to_string(request.lanes_size()));
  }
}

// Whether the only lane is to keep its state.
template <class Message>
bool MaskedOut(const Message& request) {
  return request.lanes_size() == 1 && !request.lanes(0);
}

// What the author's code throws ends the session under its own name.
template <class Call>
Moment Guarded(Call call) {
  try {
    return call();
  } catch (const Fatal&) {
    throw;
  } catch (const std::exception& error) {
    throw Fatal(Code::kFailedPrecondition, "AUTHOR_CODE_FAILED", error.what());
  }
}

}  // namespace

void CheckVersion(const api::space::v1::ProtocolVersion& version) {
  if (version.major() == kMajor) return;
  const auto theirs = std::to_string(version.major()) + "." + std::to_string(version.minor());
  const auto ours = std::to_string(kMajor) + "." + std::to_string(kMinor);
  throw Fatal(Code::kFailedPrecondition, "VERSION_MISMATCH",
              "The client speaks protocol " + theirs + ", this server " + ours +
                  "; the number before the dot must be the same. Upgrade the older one.",
              {{"theirs", theirs}, {"ours", ours}});
}

void WriteVersion(api::space::v1::ProtocolVersion* version) {
  version->set_major(kMajor);
  version->set_minor(kMinor);
}

std::unique_ptr<Environment> MakeEnvironment(const Offer& offer, const api::space::v1::FreeValue& parameters) {
  Parameters given;
  try {
    if (!parameters.content_type().empty()) {
      if (parameters.content_type() != "application/json") {
        throw std::invalid_argument("Parameters are application/json, not " + parameters.content_type() + ".");
      }
      const auto status = google::protobuf::util::JsonStringToMessage(parameters.data(), &given);
      if (!status.ok()) throw std::invalid_argument("Parameters are a JSON object: " + status.ToString());
    }
    return offer.make(given);
  } catch (const std::invalid_argument& error) {
    throw Fatal(Code::kInvalidArgument, "PARAMETERS_INVALID", error.what());
  }
}

Session::Session(const Offer& offer, const api::environment::v1::Start& start) : offer_(offer) {
  if (start.lanes() > 1 || start.episode_seeds_size() != 1) {
    throw Fatal(Code::kInvalidArgument, "LANES_MISMATCH",
                "A session has one lane and one episode seed here; found " + std::to_string(start.lanes()) + " and " +
                    std::to_string(start.episode_seeds_size()) + ".");
  }
  environment_ = MakeEnvironment(offer, start.environment().parameters());
  const Moment first = Guarded([&] { return environment_->Reset(start.episode_seeds(0)); });
  answer_.set_sequence(1);
  auto* started = answer_.mutable_started();
  WriteVersion(started->mutable_version());
  WriteCapabilities(offer, started);
  offer.sensors.Declare(started->mutable_sensors());
  offer.actuators.Declare(started->mutable_actuators());
  offer.rewards.Declare(started->mutable_rewards());
  if (offer.tick_ns) started->set_tick_ns(*offer.tick_ns);
  Write(first, started->mutable_first());
}

void Session::Answer(const SessionRequest& request) {
  const uint64_t last = answer_.sequence();
  if (request.sequence() == last) return;
  if (request.sequence() != last + 1) {
    throw Fatal(Code::kFailedPrecondition, "SEQUENCE_UNEXPECTED",
                "Request " + std::to_string(request.sequence()) + " came after request " + std::to_string(last) + ".");
  }
  try {
    Carry(request);
  } catch (const Refused& refused) {
    auto* error = answer_.mutable_error();
    error->Clear();
    error->set_reason(refused.reason);
    error->set_message(refused.what());
    error->mutable_metadata()->insert(refused.metadata.begin(), refused.metadata.end());
  }
  answer_.set_sequence(last + 1);
}

void Session::Carry(const SessionRequest& request) {
  switch (request.kind_case()) {
    case SessionRequest::kUpdate: {
      CheckMask(request.update());
      if (over_) throw Refused("EPISODE_OVER", "The episode has ended; the next request must be Reset.");
      const Setpoints setpoints = offer_.actuators.Unpack(request.update().setpoints());
      if (MaskedOut(request.update())) {
        answer_.mutable_updated()->Clear();
        offer_.sensors.PackAbsent(answer_.mutable_updated()->mutable_readings());
        offer_.rewards.PackAbsent(answer_.mutable_updated()->mutable_rewards());
        WriteTime(clock_, answer_.mutable_updated());
        return;
      }
      const Moment moment = Guarded([&] { return environment_->Update(setpoints); });
      auto* updated = answer_.mutable_updated();
      updated->Clear();
      offer_.sensors.Pack(moment.readings, updated->mutable_readings());
      offer_.rewards.Pack(moment.rewards, updated->mutable_rewards());
      if (moment.terminated) updated->add_terminated(true);
      if (moment.truncated) updated->add_truncated(true);
      WriteTime(clock_ = moment.clock, updated);
      over_ = moment.terminated || moment.truncated;
      return;
    }
    case SessionRequest::kReset: {
      CheckMask(request.reset());
      if (request.reset().episode_seeds_size() != 1) {
        throw Refused("LANES_MISMATCH", "A Reset of a session of 1 lane has one episode seed.");
      }
      if (MaskedOut(request.reset())) {
        answer_.mutable_reset_done()->Clear();
        offer_.sensors.PackAbsent(answer_.mutable_reset_done()->mutable_readings());
        WriteTime(clock_, answer_.mutable_reset_done());
        return;
      }
      const Moment moment = Guarded([&] { return environment_->Reset(request.reset().episode_seeds(0)); });
      answer_.mutable_reset_done()->Clear();
      Write(moment, answer_.mutable_reset_done());
      over_ = false;
      return;
    }
    case SessionRequest::kShutdown:
      answer_.mutable_shut_down();
      return;
    case SessionRequest::KIND_NOT_SET:
      throw Fatal(Code::kInvalidArgument, "FRAME_MALFORMED", "The request has no kind that this server knows.");
    default:
      throw Fatal(Code::kFailedPrecondition, "GRAMMAR_VIOLATED", "This frame is not allowed here; a session starts once.");
  }
}

void Session::Write(const Moment& moment, api::environment::v1::ResetDone* done) {
  offer_.sensors.Pack(moment.readings, done->mutable_readings());
  WriteTime(clock_ = moment.clock, done);
}

}  // namespace sparring
