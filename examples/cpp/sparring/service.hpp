// EnvironmentService over a registry of sessions: one thread of gRPC's per stream, in which author code runs.
#pragma once

#include <grpcpp/grpcpp.h>

#include "sparring/api/environment/v1/environment_service.grpc.pb.h"
#include "sparring/registry.hpp"
#include "sparring/server.hpp"

namespace sparring {

class Service final : public api::environment::v1::EnvironmentService::Service {
 public:
  Service(const Offer& offer, size_t capacity, std::chrono::milliseconds linger, MakeFilter make_filter)
      : offer_(offer), capacity_(capacity), registry_(capacity, linger), make_filter_(std::move(make_filter)) {}

  grpc::Status Describe(grpc::ServerContext* context, const api::environment::v1::DescribeRequest* request,
                        api::environment::v1::DescribeResponse* response) override;

  grpc::Status Session(grpc::ServerContext* context,
                       grpc::ServerReaderWriter<SessionResponse, SessionRequest>* stream) override;

 private:
  using Stream = grpc::ServerReaderWriter<SessionResponse, SessionRequest>;

  void CheckName(const std::string& name) const;
  std::shared_ptr<Seat> Open(grpc::ServerContext* context, const SessionRequest& request);
  bool Receive(Stream* stream, SessionRequest* request) const;
  void Converse(grpc::ServerContext* context, Stream* stream, std::shared_ptr<Seat>* seat);

  const Offer& offer_;
  const size_t capacity_;
  Registry registry_;
  const MakeFilter make_filter_;
};

}  // namespace sparring
