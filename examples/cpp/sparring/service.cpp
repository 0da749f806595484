// From streams to sessions: first frame, sequence of answers, and what the end of a stream means.
#include "sparring/service.hpp"

namespace sparring {
namespace {

using grpc::Status;

constexpr size_t kLongestValue = 64u << 20;

Status StatusOf(const Fatal& failure) {
  return Status(static_cast<grpc::StatusCode>(failure.code), failure.what(), ErrorDetails(failure));
}

Status Internal(const std::exception& error) {
  return StatusOf(Fatal(Code::kInternal, "INTERNAL", error.what()));
}

}  // namespace

void Service::CheckName(const std::string& name) const {
  if (name.empty() || name == offer_.name) return;
  throw Fatal(Code::kNotFound, "ENVIRONMENT_UNKNOWN",
              "There is no environment '" + name + "' here; this server offers '" + offer_.name + "'.",
              {{"offered", offer_.name}});
}

Status Service::Describe(grpc::ServerContext*, const api::environment::v1::DescribeRequest* request,
                         api::environment::v1::DescribeResponse* response) {
  try {
    CheckName(request->environment().name());
    MakeEnvironment(offer_, request->environment().parameters());
  } catch (const Fatal& failure) {
    return StatusOf(failure);
  } catch (const std::exception& error) {
    return Internal(error);
  }
  WriteVersion(response->mutable_version());
  WriteCapabilities(offer_, response);
  offer_.sensors.Declare(response->mutable_sensors());
  offer_.actuators.Declare(response->mutable_actuators());
  offer_.rewards.Declare(response->mutable_rewards());
  if (offer_.tick_ns) response->set_tick_ns(*offer_.tick_ns);
  response->set_capacity(static_cast<uint32_t>(capacity_));
  response->set_max_lanes(1);
  response->add_offered(offer_.name);
  return Status::OK;
}

Status Service::Session(grpc::ServerContext* context, Stream* stream) {
  std::shared_ptr<Seat> seat;
  Status status;
  bool broken = false;
  try {
    Converse(context, stream, &seat);
    broken = context->IsCancelled();
  } catch (const Fatal& failure) {
    status = StatusOf(failure);
  } catch (const std::exception& error) {
    status = Internal(error);
  }
  if (seat) broken ? registry_.Suspend(seat) : registry_.Release(seat);
  return status;
}

// Answers frames until the stream ends. Leaves `seat` empty where no session is to be kept or released any more.
void Service::Converse(grpc::ServerContext* context, Stream* stream, std::shared_ptr<Seat>* seat) {
  const auto filter = make_filter_ ? make_filter_() : nullptr;
  SessionRequest request;
  SessionResponse changed;
  while (Receive(stream, &request)) {
    if (filter) filter->OnRequest(&request);
    if (*seat) {
      (*seat)->session->Answer(request);
    } else {
      *seat = Open(context, request);
    }
    const SessionResponse* answer = &(*seat)->session->last();
    if (request.has_attach() || filter) changed = *answer;
    if (request.has_attach()) {
      changed.Clear();
      changed.mutable_attached()->set_last_sequence(answer->sequence());
    }
    if (filter) filter->OnResponse(request, &changed);
    if (request.has_attach() || filter) answer = &changed;
    const bool over = answer->has_shut_down();
    if (over) {  // the slot is free before its client can know that the session is over
      changed = *answer;
      answer = &changed;
      registry_.Release(*seat);
      seat->reset();
    }
    stream->Write(*answer);
    if (over) return;
  }
  if (!context->IsCancelled()) {
    throw Fatal(Code::kInvalidArgument, "FRAME_MALFORMED",
                "The stream ended without Shutdown, or with bytes that are no SessionRequest; the session is over.");
  }
}

std::shared_ptr<Seat> Service::Open(grpc::ServerContext* context, const SessionRequest& request) {
  const auto cut = [context] { context->TryCancel(); };
  if (request.has_attach()) {
    CheckVersion(request.attach().version());
    return registry_.Attach(request.attach().token(), cut);
  }
  if (request.kind_case() == SessionRequest::KIND_NOT_SET) {
    throw Fatal(Code::kInvalidArgument, "FRAME_MALFORMED", "The request has no kind that this server knows.");
  }
  if (!request.has_start() || request.sequence() != 1) {
    throw Fatal(Code::kFailedPrecondition, "GRAMMAR_VIOLATED", "A session begins with Start, numbered 1, or with Attach.");
  }
  const auto& start = request.start();
  CheckVersion(start.version());
  CheckName(start.environment().name());
  auto seat = registry_.Admit(start.token(), cut);
  try {
    seat->session = std::make_unique<sparring::Session>(offer_, start);
  } catch (...) {
    registry_.Release(seat);
    throw;
  }
  return seat;
}

// Reads the next request; a long value that came in chunks before it is put into it.
bool Service::Receive(Stream* stream, SessionRequest* request) const {
  std::string chunks;
  while (stream->Read(request)) {
    if (request->has_chunk()) {
      chunks += request->chunk().data();
      if (chunks.size() > kLongestValue) {
        throw Fatal(Code::kInvalidArgument, "FRAME_MALFORMED", "A value of more than 64 MiB is too long.");
      }
      continue;
    }
    if (request->has_start() && request->start().environment().parameters().has_chunked_size_bytes()) {
      auto* parameters = request->mutable_start()->mutable_environment()->mutable_parameters();
      if (parameters->chunked_size_bytes() > chunks.size()) {
        throw Fatal(Code::kInvalidArgument, "FRAME_MALFORMED", "Fewer chunks came than the parameters have bytes.");
      }
      parameters->set_data(chunks.substr(0, parameters->chunked_size_bytes()));
    }
    return true;
  }
  return false;
}

}  // namespace sparring
