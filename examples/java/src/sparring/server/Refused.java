package sparring.server;

import java.util.Map;

/** A recoverable failure: answered with an Error frame. The world must not have moved. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public final String reason;
  public final transient Map<String, String> metadata;

  public Refused(String reason, String message, Map<String, String> metadata) {
    super(message);
    this.reason = reason;
    this.metadata = metadata;
  }

  public Refused(String reason, String message) {
    this(reason, message, Map.of());
  }
}
