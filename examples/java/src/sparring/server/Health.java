package sparring.server;

import com.google.common.io.ByteStreams;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** grpc.health.v1, whose answer is one enum: no generated code is needed for it. */
final class Health {
  private static final byte[] SERVING = {8, 1};
  private static final byte[] NOT_SERVING = {8, 2};
  private static final String NAME = "grpc.health.v1.Health";
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
          return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return ByteStreams.toByteArray(stream);
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          }
        }
      };

  private volatile byte[] state = SERVING;

  void stop() {
    state = NOT_SERVING;
  }

  ServerServiceDefinition service() {
    var check = method("Check", MethodDescriptor.MethodType.UNARY);
    var watch = method("Watch", MethodDescriptor.MethodType.SERVER_STREAMING);
    return ServerServiceDefinition.builder(NAME)
        .addMethod(check, ServerCalls.asyncUnaryCall(this::check))
        .addMethod(watch, ServerCalls.asyncServerStreamingCall((request, client) -> client.onNext(state)))
        .build();
  }

  private void check(byte[] request, StreamObserver<byte[]> client) {
    client.onNext(state);
    client.onCompleted();
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
    String whole = MethodDescriptor.generateFullMethodName(NAME, name);
    return MethodDescriptor.newBuilder(BYTES, BYTES).setType(type).setFullMethodName(whole).build();
  }
}
