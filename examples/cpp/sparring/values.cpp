// Packing as protos/sparring/api/space/v1/values.proto says it; little-endian machines only, as all of today's are.
#include "sparring/values.hpp"

#include <cmath>
#include <cstring>

#include "sparring/errors.hpp"

namespace sparring {
namespace {

constexpr size_t kElementBytes = 8;

// NaN is inside no box.
bool Contains(const Field& field, size_t index, double value) {
  return value >= field.low[index] && value <= field.high[index] && (!field.discrete || value == std::floor(value));
}

std::string Doubles(const std::vector<double>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * kElementBytes);
}

std::string Where(const Field& field, double value) {
  return "'" + field.uid + "' was given " + std::to_string(value) + "; its values are " + std::to_string(field.low[0]) +
         " to " + std::to_string(field.high[0]) + ".";
}

}  // namespace

Field Box(std::string uid, double low, double high, std::string unit, std::string description,
          std::vector<int64_t> shape) {
  size_t count = 1;
  for (int64_t length : shape) count *= static_cast<size_t>(length);
  return {std::move(uid), std::move(shape), Value(count, low), Value(count, high), false, std::move(unit),
          std::move(description)};
}

Field Discrete(std::string uid, int64_t n, std::string description, int64_t start) {
  const auto low = static_cast<double>(start), high = static_cast<double>(start + n - 1);
  return {std::move(uid), {}, {low}, {high}, true, "", std::move(description)};
}

Layout::Layout(std::vector<Field> fields) : fields_(std::move(fields)) {
  for (const Field& field : fields_) bytes_ += field.low.size() * kElementBytes;
}

void Layout::Pack(const std::vector<Value>& values, api::space::v1::Values* packed) const {
  if (values.size() != fields_.size()) {
    throw Fatal(Code::kFailedPrecondition, "VALUE_OUT_OF_SPACE", "The environment returned a wrong number of values.");
  }
  std::string* data = packed->mutable_data();
  data->resize(bytes_);
  char* place = data->data();
  for (size_t f = 0; f < fields_.size(); ++f) {
    const Field& field = fields_[f];
    if (values[f].size() != field.low.size()) {
      throw Fatal(Code::kFailedPrecondition, "VALUE_OUT_OF_SPACE", "'" + field.uid + "' has another number of elements.");
    }
    for (size_t i = 0; i < field.low.size(); ++i, place += kElementBytes) {
      const double value = values[f][i];
      if (!Contains(field, i, value)) {
        throw Fatal(Code::kFailedPrecondition, "VALUE_OUT_OF_SPACE", Where(field, value), {{"field", field.uid}});
      }
      const auto whole = static_cast<int64_t>(field.discrete ? value : 0.0);
      std::memcpy(place, field.discrete ? static_cast<const void*>(&whole) : &value, kElementBytes);
    }
  }
}

void Layout::PackAbsent(api::space::v1::Values* packed) const {
  packed->set_data(std::string(bytes_, '\0'));
  packed->set_present(std::string((fields_.size() + 7) / 8, '\0'));
}

Setpoints Layout::Unpack(const api::space::v1::Values& packed) const {
  const std::string& data = packed.data();
  const std::string& present = packed.present();
  if (data.size() != bytes_ || (!present.empty() && present.size() != (fields_.size() + 7) / 8)) {
    throw Refused("PACKED_INVALID", "Found " + std::to_string(data.size()) + " bytes of setpoints, expected " +
                                        std::to_string(bytes_) + ", with one bit of presence for each actuator or none.");
  }
  Setpoints setpoints(fields_.size());
  const char* place = data.data();
  for (size_t f = 0; f < fields_.size(); ++f) {
    const Field& field = fields_[f];
    const size_t count = field.low.size();
    if (present.empty() || (present[f / 8] >> (f % 8) & 1) != 0) {
      Value value(count);
      for (size_t i = 0; i < count; ++i) {
        int64_t whole = 0;
        std::memcpy(&value[i], place + i * kElementBytes, kElementBytes);
        std::memcpy(&whole, place + i * kElementBytes, kElementBytes);
        if (field.discrete) value[i] = static_cast<double>(whole);
        if (!Contains(field, i, value[i])) {
          throw Refused("SETPOINT_OUT_OF_SPACE", Where(field, value[i]), {{"field", field.uid}});
        }
      }
      setpoints[f] = std::move(value);
    }
    place += count * kElementBytes;
  }
  return setpoints;
}

void Layout::Declare(google::protobuf::RepeatedPtrField<api::space::v1::Declaration>* declarations) const {
  for (const Field& field : fields_) {
    auto* declaration = declarations->Add();
    declaration->set_uid(field.uid);
    declaration->set_unit(field.unit);
    declaration->set_description(field.description);
    if (field.discrete) {
      auto* discrete = declaration->mutable_space()->mutable_discrete();
      discrete->set_start(static_cast<int64_t>(field.low[0]));
      discrete->set_n(static_cast<int64_t>(field.high[0] - field.low[0]) + 1);
      continue;
    }
    auto* box = declaration->mutable_space()->mutable_box();
    box->set_element_type(api::space::v1::ELEMENT_TYPE_FLOAT64);
    for (int64_t length : field.shape) box->add_shape(length);
    box->set_low(Doubles(field.low));
    box->set_high(Doubles(field.high));
  }
}

}  // namespace sparring
