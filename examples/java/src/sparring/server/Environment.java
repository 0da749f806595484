package sparring.server;

/** What a simulator implements: one instance, used by one thread at a time. What it throws ends its session. */
public interface Environment {
  /** Begin an episode. Nothing may be left from before: it equals a new instance with this seed. */
  Moment reset(long seed);

  /**
   * Advance the world by one step.
   *
   * @param setpoints one array per actuator, within its space; null where the agents left it alone
   */
  Moment update(double[][] setpoints);
}
