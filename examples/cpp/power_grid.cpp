// The equations, and what agents see of them.
#include "power_grid.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace {

constexpr double kNominalHz = 50.0;
constexpr double kPi = 3.14159265358979323846;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

sparring::Offer PowerGrid::Describe() {
  using sparring::Box;
  return {
      "power-grid",
      sparring::Layout({
          Box("angle", -kInfinity, kInfinity, "rad", "Angle of area 1 minus that of area 2"),
          Box("frequency_1", -kInfinity, kInfinity, "Hz", "Deviation of area 1 from 50 Hz"),
          Box("frequency_2", -kInfinity, kInfinity, "Hz", "Deviation of area 2 from 50 Hz"),
          Box("generation", -kInfinity, kInfinity, "p.u.", "Of the turbines of both areas, above schedule", {2}),
          Box("load", -kLoad, kLoad, "p.u.", "Demand in both areas, above schedule", {2}),
      }),
      sparring::Layout({
          Box("power_1", -kPower, kPower, "p.u.", "What the battery of area 1 gives"),
          Box("power_2", -kPower, kPower, "p.u.", "What the battery of area 2 gives"),
      }),
      sparring::Layout({
          Box("stability", 0.0, 1.0, "", "1 where both areas are at 50 Hz, 0 where they are 0.5 Hz off, or more"),
          Box("effort", -1.0, 0.0, "p.u. s", "Energy that the batteries moved in this step, as a cost"),
      }),
      1'000'000,  // a tick is a millisecond
      true,
      [](const sparring::Parameters& parameters) {
        double duration_s = 60.0;
        for (const auto& [name, value] : parameters.fields()) {
          if (name != "duration_s") throw std::invalid_argument("Unknown parameter '" + name + "'; there is duration_s.");
          duration_s = value.number_value();
        }
        return std::make_unique<PowerGrid>(duration_s);
      },
  };
}

PowerGrid::PowerGrid(double duration_s) : steps_in_all_(std::llround(duration_s * 1000.0 / kStepMs)) {
  if (steps_in_all_ < 1) throw std::invalid_argument("duration_s is at least 0.25.");
}

sparring::Moment PowerGrid::Reset(uint64_t seed) {
  generator_.seed(seed);
  state_ = {};
  steps_ = 0;
  Disturb();
  return Now();
}

sparring::Moment PowerGrid::Update(const sparring::Setpoints& setpoints) {
  const std::array<double, 2> power = {setpoints[0] ? (*setpoints[0])[0] : 0.0, setpoints[1] ? (*setpoints[1])[0] : 0.0};
  const double step_s = static_cast<double>(kStepMs) / 1000.0 / kSubsteps;
  const auto ahead = [&](const State& slope, double by_s) {
    State state = state_;
    for (size_t i = 0; i < state.size(); ++i) state[i] += by_s * slope[i];
    return state;
  };
  for (int64_t i = 0; i < kSubsteps; ++i) {
    const State a = Change(state_, power);
    const State b = Change(ahead(a, step_s / 2.0), power);
    const State c = Change(ahead(b, step_s / 2.0), power);
    const State d = Change(ahead(c, step_s), power);
    for (size_t j = 0; j < state_.size(); ++j) state_[j] += step_s / 6.0 * (a[j] + 2.0 * b[j] + 2.0 * c[j] + d[j]);
  }
  ++steps_;
  if (steps_ % kLoadHolds == 0) Disturb();

  sparring::Moment moment = Now();
  const double off = (std::fabs(state_[1]) + std::fabs(state_[2])) / 2.0;
  const double effort = (std::fabs(power[0]) + std::fabs(power[1])) * static_cast<double>(kStepMs) / 1000.0;
  moment.rewards = {{std::fmax(0.0, 1.0 - off / 0.5)}, {-effort}};
  moment.terminated = std::fmax(std::fabs(state_[1]), std::fabs(state_[2])) > kTripHz;
  moment.truncated = steps_ >= steps_in_all_ && !moment.terminated;
  return moment;
}

PowerGrid::State PowerGrid::Change(const State& state, const std::array<double, 2>& power) const {
  const double flow = kLine * std::sin(state[0]);
  State change{};
  change[0] = 2.0 * kPi * (state[1] - state[2]);
  for (size_t area = 0; area < 2; ++area) {
    const double frequency = state[1 + area], turbine = state[3 + area];
    const double surplus = turbine + power[area] - load_[area] - kDamping * frequency - (area == 0 ? flow : -flow);
    change[1 + area] = kNominalHz / (2.0 * kInertiaS[area]) * surplus;
    change[3 + area] = (-frequency / kDroopHz - turbine) / kTurbineS;
  }
  return change;
}

// Draws new demand. Not by std::uniform_real_distribution, whose numbers differ between libraries.
void PowerGrid::Disturb() {
  for (double& load : load_) load = kLoad * (2.0 * std::ldexp(static_cast<double>(generator_() >> 11), -53) - 1.0);
}

sparring::Moment PowerGrid::Now() const {
  sparring::Moment moment;
  moment.readings = {{state_[0]}, {state_[1]}, {state_[2]}, {state_[3], state_[4]}, {load_[0], load_[1]}};
  moment.clock = {steps_ * kStepMs, (steps_ + 1) * kStepMs};
  return moment;
}
