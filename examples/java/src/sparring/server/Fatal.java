package sparring.server;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;

/** Ends the session with a gRPC status that carries one google.rpc.ErrorInfo. */
public final class Fatal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final transient Status.Code code;
  private final String reason;
  private final transient Map<String, String> metadata;

  public Fatal(Status.Code code, String reason, String message, Map<String, String> metadata) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.metadata = metadata;
  }

  public Fatal(Status.Code code, String reason, String message) {
    this(code, reason, message, Map.of());
  }

  /** Whatever was thrown, as the end of a session. */
  static Fatal of(RuntimeException error) {
    return error instanceof Fatal fatal ? fatal : new Fatal(Status.Code.FAILED_PRECONDITION, "AUTHOR_CODE_FAILED", error.toString());
  }

  /** The status as grpc-java sends it. */
  StatusRuntimeException status() {
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, details().toByteArray());
    return code.toStatus().withDescription(getMessage()).asRuntimeException(trailers);
  }

  /** The bytes of google.rpc.Status, by hand: three small messages. */
  private ByteString details() {
    ByteString info = piece(1, ByteString.copyFromUtf8(reason)).concat(piece(2, ByteString.copyFromUtf8("sparring")));
    for (var entry : metadata.entrySet()) {
      ByteString key = piece(1, ByteString.copyFromUtf8(entry.getKey()));
      info = info.concat(piece(3, key.concat(piece(2, ByteString.copyFromUtf8(entry.getValue())))));
    }
    ByteString any = piece(1, ByteString.copyFromUtf8("type.googleapis.com/google.rpc.ErrorInfo")).concat(piece(2, info));
    ByteString number = varint(1 << 3).concat(varint(code.value()));
    return number.concat(piece(2, ByteString.copyFromUtf8(getMessage()))).concat(piece(3, any));
  }

  private static ByteString piece(int field, ByteString content) {
    return varint(field << 3 | 2).concat(varint(content.size())).concat(content);
  }

  private static ByteString varint(int number) {
    ByteString.Output bytes = ByteString.newOutput();
    for (; number >= 0x80; number >>>= 7) {
      bytes.write(number & 0x7f | 0x80);
    }
    bytes.write(number);
    return bytes.toByteString();
  }
}
