// Two areas of a power system, joined by one line.
#pragma once

#include <array>
#include <random>

#include "sparring/environment.hpp"

// Swing equations with primary control (P. Kundur, Power System Stability and Control, 1994, chapters 3 and 11). In area i
// the frequency is off by f_i (Hz), the turbine gives m_i above schedule, demand is l_i above schedule, a battery gives u_i
// (all per unit of the area's rated power); d (rad) is the angle of area 1 minus that of area 2:
//
//   d'   = 2 pi (f_1 - f_2)
//   f_i' = 50 / (2 H_i) (m_i + u_i - l_i - D f_i -+ S sin d)        minus in area 1, plus in area 2
//   m_i' = (-f_i / R - m_i) / T
//
// Integrated by the classic Runge-Kutta method with steps of 5 ms.
class PowerGrid final : public sparring::Environment {
 public:
  static constexpr double kInertiaS[2] = {5.0, 4.0};     // H
  static constexpr double kDamping = 0.02;               // D, per unit and Hz
  static constexpr double kLine = 0.2;                   // S, most that the line carries, per unit
  static constexpr double kDroopHz = 2.5;                // R
  static constexpr double kTurbineS = 0.5;               // T
  static constexpr double kLoad = 0.1;                   // most that demand is off schedule
  static constexpr double kPower = 0.1;                  // most that a battery gives or takes
  static constexpr double kTripHz = 1.0;                 // an area that is off by more is disconnected
  static constexpr int kLoadHolds = 8;                   // steps between two changes of demand
  static constexpr int64_t kStepMs = 250, kSubsteps = 50;

  // `duration_s`: length of an episode, in seconds of simulated time.
  explicit PowerGrid(double duration_s);

  // The environment for a server.
  static sparring::Offer Describe();

  sparring::Moment Reset(uint64_t seed) override;
  sparring::Moment Update(const sparring::Setpoints& setpoints) override;

 private:
  using State = std::array<double, 5>;  // d, f_1, f_2, m_1, m_2

  State Change(const State& state, const std::array<double, 2>& power) const;
  void Disturb();
  sparring::Moment Now() const;

  const int64_t steps_in_all_;
  std::mt19937_64 generator_;
  State state_{};
  std::array<double, 2> load_{};
  int64_t steps_ = 0;
};
