// The two-area power system as a server.
#include "faults.hpp"
#include "power_grid.hpp"
#include "sparring/server.hpp"

int main(int argc, char** argv) { return sparring::Serve(argc, argv, PowerGrid::Describe(), ChosenFault()); }
