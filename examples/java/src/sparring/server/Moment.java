package sparring.server;

/**
 * The state of the world after a reset or an update.
 *
 * @param readings one array per sensor
 * @param rewards one array per reward; empty after a reset
 * @param terminated whether the task has ended; never together with truncated
 * @param truncated whether the episode was cut short
 * @param ticks simulated time since the episode began
 */
public record Moment(double[][] readings, double[][] rewards, boolean terminated, boolean truncated, long ticks) {}
