package sparring.server;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import sparring.api.environment.v1.DescribeRequest;
import sparring.api.environment.v1.DescribeResponse;
import sparring.api.environment.v1.EnvironmentServiceGrpc;
import sparring.api.environment.v1.SessionRequest;
import sparring.api.environment.v1.SessionResponse;

/** EnvironmentService for one offer. */
final class Service extends EnvironmentServiceGrpc.EnvironmentServiceImplBase {
  private final Offer offer;
  private final Registry registry;

  Service(Offer offer, Registry registry) {
    this.offer = offer;
    this.registry = registry;
  }

  static void checkName(Offer offer, String name) {
    if (!name.isEmpty() && !name.equals(offer.name())) {
      String message = "There is no environment '%s' here; this server offers '%s'.".formatted(name, offer.name());
      throw new Fatal(Status.Code.NOT_FOUND, "ENVIRONMENT_UNKNOWN", message, Map.of("offered", offer.name()));
    }
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> client) {
    try {
      checkName(offer, request.getEnvironment().getName());
      offer.make(request.getEnvironment());
      DescribeResponse.Builder said = DescribeResponse.newBuilder().setVersion(Session.VERSION).addAllCapabilities(Session.CAPABILITIES);
      said.addAllSensors(offer.sensors().declarations()).addAllActuators(offer.actuators().declarations());
      said.addAllRewards(offer.rewards().declarations()).setTickNs(offer.tickNs());
      client.onNext(said.setCapacity(registry.capacity()).setMaxLanes(1).addOffered(offer.name()).build());
      client.onCompleted();
    } catch (RuntimeException error) {
      client.onError(Fatal.of(error).status());
    }
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> client) {
    return new Conversation(offer, registry, (ServerCallStreamObserver<SessionResponse>) client);
  }
}
