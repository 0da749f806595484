// Options, the gRPC server around the service, and signals.
#include "sparring/server.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include "sparring/service.hpp"

namespace sparring {
namespace {

constexpr int kLargestMessage = 64 << 20;
constexpr auto kGrace = std::chrono::seconds(2);

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  size_t capacity = 8;
  double linger_s = 10.0;
};

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) throw std::invalid_argument(name + " needs a value.");
    const std::string value = argv[i + 1];
    if (name == "--host") options.host = value;
    else if (name == "--port") options.port = std::stoi(value);
    else if (name == "--capacity") options.capacity = std::stoul(value);
    else if (name == "--linger") options.linger_s = std::stod(value);
    else throw std::invalid_argument("Unknown option " + name + "; there are --host, --port, --capacity and --linger.");
  }
  return options;
}

}  // namespace

int Serve(int argc, char** argv, const Offer& offer, const MakeFilter& make_filter) {
  Options options;
  try {
    options = Parse(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
  sigset_t signals;  // blocked before any thread exists, so that only sigwait gets them
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto linger = std::chrono::milliseconds(static_cast<int64_t>(options.linger_s * 1000.0));
  Service service(offer, options.capacity, linger, make_filter);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  const auto address = options.host + ":" + std::to_string(options.port);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a taken port is an error
  builder.SetMaxReceiveMessageSize(kLargestMessage);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::cerr << "Cannot listen at " << address << ".\n";
    return 1;
  }
  server->GetHealthCheckService()->SetServingStatus("sparring.api.environment.v1.EnvironmentService", true);
  std::cout << offer.name << " listens at " << options.host << ":" << port << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  server->GetHealthCheckService()->SetServingStatus(false);
  server->Shutdown(std::chrono::system_clock::now() + kGrace);
  return 0;
}

}  // namespace sparring
