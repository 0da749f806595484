package tanks;

import java.io.IOException;
import sparring.server.Serve;

/** The water tanks as a server. */
final class Main {
  private Main() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Serve.serve(Tanks.offer(), arguments);
  }
}
