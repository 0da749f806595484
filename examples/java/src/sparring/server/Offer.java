package sparring.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import java.util.function.Function;
import sparring.api.space.v1.Component;

/**
 * What a server offers under one name.
 *
 * @param tickNs length of a tick in nanoseconds
 * @param make makes an instance from the params of the document; throws IllegalArgumentException for what it does not take
 */
public record Offer(
    String name, Layout sensors, Layout actuators, Layout rewards, long tickNs, Function<Struct, Environment> make) {
  /** Make an instance. Throws Fatal. */
  Environment make(Component component) {
    var given = component.getParameters();
    Struct.Builder parameters = Struct.newBuilder();
    try {
      if (!given.getContentType().isEmpty()) {
        if (!given.getContentType().equals("application/json")) {
          throw new IllegalArgumentException("Parameters are application/json, not " + given.getContentType() + ".");
        }
        JsonFormat.parser().merge(given.getData().toStringUtf8(), parameters);
      }
      return make.apply(parameters.build());
    } catch (InvalidProtocolBufferException | IllegalArgumentException error) {
      throw new Fatal(Status.Code.INVALID_ARGUMENT, "PARAMETERS_INVALID", String.valueOf(error.getMessage()));
    }
  }
}
