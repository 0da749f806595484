package sparring.server;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The gRPC server around the service: options, health, and a graceful end on SIGTERM. */
public final class Serve {
  private static final int LARGEST_MESSAGE = 64 << 20;

  private Serve() {}

  /**
   * Serve until SIGTERM or SIGINT.
   *
   * @param arguments --host HOST (127.0.0.1), --port PORT (0: any free one; it is printed), --capacity N (8 sessions at
   *     once), --linger SECONDS (10)
   */
  public static void serve(Offer offer, String[] arguments) throws IOException, InterruptedException {
    Map<String, String> options = new HashMap<>(Map.of("--host", "127.0.0.1", "--port", "0", "--capacity", "8", "--linger", "10"));
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length || options.replace(arguments[i], arguments[i + 1]) == null) {
        System.err.println("Wrong option " + arguments[i] + "; there are --host, --port, --capacity and --linger, each with a value.");
        System.exit(2);
      }
    }
    Registry registry = new Registry(Integer.parseInt(options.get("--capacity")), Double.parseDouble(options.get("--linger")));
    Health health = new Health();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(options.get("--host"), Integer.parseInt(options.get("--port"))))
            .executor(Executors.newCachedThreadPool()) // a session may block its thread
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .addService(new Service(offer, registry).definition())
            .addService(health.service())
            .build()
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      health.stop();
      server.shutdown();
      try {
        if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
          server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
        }
      } catch (InterruptedException error) {
        server.shutdownNow();
      }
    }));
    System.out.println(offer.name() + " listens at " + options.get("--host") + ":" + server.getPort());
    server.awaitTermination();
  }
}
