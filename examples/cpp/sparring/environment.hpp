// What a simulator implements.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <google/protobuf/struct.pb.h>

#include "sparring/values.hpp"

namespace sparring {

// Simulated time, in ticks since the episode began.
struct Clock {
  std::optional<int64_t> ticks;       // now; absent: not kept
  std::optional<int64_t> next_ticks;  // when the next update is wanted; absent: at every step
};

// The state of the world after a reset or an update.
struct Moment {
  std::vector<Value> readings;        // one per sensor, in declared order
  std::vector<Value> rewards;         // one per reward; empty after a reset
  bool terminated = false;            // the task has ended; never together with `truncated`
  bool truncated = false;             // the episode was cut short
  Clock clock;
};

// One instance; used by one thread at a time. Whatever it throws ends its session, and the run says why.
class Environment {
 public:
  virtual ~Environment() = default;

  // Begin an episode. Nothing may be left from before: it equals a new instance with this seed.
  virtual Moment Reset(uint64_t seed) = 0;

  // Advance the world by one step. Setpoints are within their spaces.
  virtual Moment Update(const Setpoints& setpoints) = 0;
};

using Parameters = google::protobuf::Struct;  // the `params` of the experiment document

// What a server offers under one name.
struct Offer {
  std::string name;
  Layout sensors, actuators, rewards;
  std::optional<int64_t> tick_ns;  // length of a tick
  bool keeps_time = false;         // `next_ticks` is used: capability `time`
  // Throws std::invalid_argument for parameters that it does not take.
  std::function<std::unique_ptr<Environment>(const Parameters&)> make;
};

}  // namespace sparring
