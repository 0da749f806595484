// Values of a step: declared fields, and their packing into the bytes of sparring.api.space.v1.Values (one lane).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sparring/api/space/v1/declaration.pb.h"
#include "sparring/api/space/v1/values.pb.h"

namespace sparring {

// One sensor, actuator or reward: a box of float64 (C order), or one of n integers.
struct Field {
  std::string uid;
  std::vector<int64_t> shape;      // of a box; empty is a scalar
  std::vector<double> low, high;   // inclusive; one entry per element
  bool discrete = false;
  std::string unit, description;
};

// A box with the same bounds for all elements.
Field Box(std::string uid, double low, double high, std::string unit, std::string description,
          std::vector<int64_t> shape = {});

// The integers start ... start + n - 1.
Field Discrete(std::string uid, int64_t n, std::string description, int64_t start = 0);

using Value = std::vector<double>;                    // the elements of one field; one element for a scalar
using Setpoints = std::vector<std::optional<Value>>;  // one per actuator; empty where the agents left it alone

// Where each field lies in the packed bytes: every one starts at a multiple of 8, and every element here has 8 bytes.
class Layout {
 public:
  explicit Layout(std::vector<Field> fields);

  const std::vector<Field>& fields() const { return fields_; }

  // Throws Fatal VALUE_OUT_OF_SPACE: the environment has returned what it did not declare.
  void Pack(const std::vector<Value>& values, api::space::v1::Values* packed) const;

  // Packs a lane that has nothing to say.
  void PackAbsent(api::space::v1::Values* packed) const;

  // Throws Refused SETPOINT_OUT_OF_SPACE or PACKED_INVALID; `packed` may leave fields absent.
  Setpoints Unpack(const api::space::v1::Values& packed) const;

  void Declare(google::protobuf::RepeatedPtrField<api::space::v1::Declaration>* declarations) const;

 private:
  std::vector<Field> fields_;
  size_t bytes_ = 0;
};

}  // namespace sparring
