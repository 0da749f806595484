// Each fault changes frames on their way to a good session, or its answers on their way back.
#include "faults.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>

#include "power_grid.hpp"

namespace {

using sparring::SessionRequest;
using sparring::SessionResponse;

struct VersionMissing : sparring::FrameFilter {
  void OnResponse(const SessionRequest&, SessionResponse* response) override {
    if (response->has_started()) response->mutable_started()->clear_version();
  }
};

struct ReadingOutside : sparring::FrameFilter {
  void OnResponse(const SessionRequest&, SessionResponse* response) override {
    if (!response->has_updated()) return;
    std::string* data = response->mutable_updated()->mutable_readings()->mutable_data();
    const double outside = 2.0 * PowerGrid::kLoad;
    std::memcpy(data->data() + data->size() - sizeof outside, &outside, sizeof outside);
  }
};

struct SetpointClipped : sparring::FrameFilter {
  void OnRequest(SessionRequest* request) override {
    if (!request->has_update()) return;
    std::string* data = request->mutable_update()->mutable_setpoints()->mutable_data();
    for (size_t place = 0; place + sizeof(double) <= data->size(); place += sizeof(double)) {
      double value = 0.0;
      std::memcpy(&value, data->data() + place, sizeof value);
      value = std::clamp(value, -PowerGrid::kPower, PowerGrid::kPower);
      std::memcpy(data->data() + place, &value, sizeof value);
    }
  }
};

struct SeedIgnored : sparring::FrameFilter {
  void OnRequest(SessionRequest* request) override {
    static std::atomic<uint64_t> drawn{1000};
    if (request->has_start()) request->mutable_start()->set_episode_seeds(0, ++drawn);
    if (request->has_reset()) request->mutable_reset()->set_episode_seeds(0, ++drawn);
  }
};

struct ResetLeaks : sparring::FrameFilter {
  void OnRequest(SessionRequest* request) override {
    if (request->has_update()) ++steps;
    if (request->has_reset() && request->reset().episode_seeds_size() == 1) {
      request->mutable_reset()->set_episode_seeds(0, request->reset().episode_seeds(0) + steps);
    }
  }
  uint64_t steps = 0;
};

struct AppliedTwice : sparring::FrameFilter {
  void OnRequest(SessionRequest* request) override {
    if (request->has_update() && request->sequence() == last) ++shift;
    last = request->sequence();
    request->set_sequence(last + shift);
  }
  void OnResponse(const SessionRequest&, SessionResponse* response) override {
    response->set_sequence(response->sequence() - shift);
  }
  uint64_t last = 0, shift = 0;
};

struct GapsTaken : sparring::FrameFilter {
  void OnRequest(SessionRequest* request) override {
    if (last != 0 && request->sequence() > last + 1) shift += request->sequence() - last - 1;
    last = request->sequence();
    request->set_sequence(last - shift);
  }
  void OnResponse(const SessionRequest&, SessionResponse* response) override {
    response->set_sequence(response->sequence() + shift);
  }
  uint64_t last = 0, shift = 0;
};

struct BothEnds : sparring::FrameFilter {
  void OnResponse(const SessionRequest&, SessionResponse* response) override {
    auto* updated = response->has_updated() ? response->mutable_updated() : nullptr;
    if (updated == nullptr || updated->terminated_size() + updated->truncated_size() == 0) return;
    updated->clear_terminated();
    updated->clear_truncated();
    updated->add_terminated(true);
    updated->add_truncated(true);
  }
};

template <class Fault>
sparring::MakeFilter Of() {
  return [] { return std::make_unique<Fault>(); };
}

}  // namespace

sparring::MakeFilter ChosenFault() {
  static const std::map<std::string, sparring::MakeFilter> faults = {
      {"applied_twice", Of<AppliedTwice>()},   {"both_ends", Of<BothEnds>()},
      {"gaps_taken", Of<GapsTaken>()},         {"reading_outside", Of<ReadingOutside>()},
      {"reset_leaks", Of<ResetLeaks>()},       {"seed_ignored", Of<SeedIgnored>()},
      {"setpoint_clipped", Of<SetpointClipped>()}, {"version_missing", Of<VersionMissing>()},
  };
  const char* name = std::getenv("FAULT");
  if (name == nullptr || *name == '\0') return nullptr;
  const auto found = faults.find(name);
  if (found == faults.end()) throw std::invalid_argument(std::string("Unknown fault ") + name + ".");
  return found->second;
}
