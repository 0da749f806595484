// Faults on purpose, one at a time, by which the conformance kit is measured.
#pragma once

#include "sparring/server.hpp"

// The filter for the fault that the environment variable FAULT names; null where it is not set or empty. Throws
// std::invalid_argument for a name that is not known here.
sparring::MakeFilter ChosenFault();
