package sparring.server;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
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

  /**
   * The methods of the service. Bytes that are no message are read as a request of no kind: parsed by gRPC they would end
   * the stream without a word.
   */
  ServerServiceDefinition definition() {
    var original = EnvironmentServiceGrpc.getSessionMethod();
    var session = original.toBuilder(new Lenient(original.getRequestMarshaller()), original.getResponseMarshaller()).build();
    return ServerServiceDefinition.builder(EnvironmentServiceGrpc.SERVICE_NAME)
        .addMethod(EnvironmentServiceGrpc.getDescribeMethod(), ServerCalls.asyncUnaryCall(this::describe))
        .addMethod(session, ServerCalls.asyncBidiStreamingCall(this::session))
        .build();
  }

  private record Lenient(MethodDescriptor.Marshaller<SessionRequest> strict) implements MethodDescriptor.Marshaller<SessionRequest> {
    @Override
    public InputStream stream(SessionRequest request) {
      return strict.stream(request);
    }

    @Override
    public SessionRequest parse(InputStream bytes) {
      try {
        return strict.parse(bytes);
      } catch (StatusRuntimeException error) {
        return SessionRequest.getDefaultInstance();
      }
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
