// Serves one environment: EnvironmentService, health, reflection, options, and a graceful end on SIGTERM.
#pragma once

#include "sparring/session.hpp"

namespace sparring {

// Sees every frame; may change answers. For logging, tracing, and for servers that do wrong on purpose in tests.
class FrameFilter {
 public:
  virtual ~FrameFilter() = default;
  virtual void OnRequest(SessionRequest*) {}
  virtual void OnResponse(const SessionRequest&, SessionResponse*) {}
};

using MakeFilter = std::function<std::unique_ptr<FrameFilter>()>;  // one for each stream

// Serve until SIGTERM or SIGINT. Options: --host HOST (127.0.0.1), --port PORT (0: any free one; it is printed),
// --capacity N (8 sessions at once), --linger SECONDS (10). Returns the exit status.
int Serve(int argc, char** argv, const Offer& offer, const MakeFilter& make_filter = nullptr);

}  // namespace sparring
