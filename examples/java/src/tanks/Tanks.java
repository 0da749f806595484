package tanks;

import com.google.protobuf.Struct;
import java.util.Random;
import sparring.server.Environment;
import sparring.server.Field;
import sparring.server.Layout;
import sparring.server.Moment;
import sparring.server.Offer;

/**
 * Four water tanks and two pumps, each of which fills a tank below and the opposite tank above (K. H. Johansson, The
 * Quadruple-Tank Process, IEEE Transactions on Control Systems Technology 8(3), 2000; its parameters P-). The levels of
 * the two tanks below follow targets that change by chance. An overflow terminates the episode.
 */
final class Tanks implements Environment {
  private static final double[] AREA_CM2 = {28, 32, 28, 32};
  private static final double[] OUTLET_CM2 = {0.071, 0.057, 0.071, 0.057};
  private static final double[] PUMP_CM3_PER_VS = {3.33, 3.35};
  private static final double[] SHARE_BELOW = {0.7, 0.6};
  private static final double GRAVITY = 981; // cm/s^2
  private static final double HEIGHT_CM = 20;
  private static final double MOST_V = 6;
  private static final int STEP_S = 10;
  private static final int SUBSTEPS = 20;
  private static final int TARGET_HOLDS = 20; // steps

  private final int stepsInAll;
  private Random random = new Random();
  private double[] level = new double[4];
  private double[] target = new double[2];
  private int steps;

  /** @param minutes length of an episode, in simulated time */
  Tanks(double minutes) {
    stepsInAll = (int) Math.round(minutes * 60 / STEP_S);
    if (stepsInAll < 1) {
      throw new IllegalArgumentException("minutes is above 0.1.");
    }
  }

  /** The environment for a server. */
  static Offer offer() {
    return new Offer(
        "water-tanks",
        new Layout(
            Field.vector("level", 4, 0, HEIGHT_CM, "cm", "Of the two tanks below, then of the two above"),
            Field.vector("target", 2, 0, HEIGHT_CM, "cm", "For the levels of the tanks below")),
        new Layout(
            Field.box("pump_1", 0, MOST_V, "V", "Fills tank 1 below and tank 4 above"),
            Field.box("pump_2", 0, MOST_V, "V", "Fills tank 2 below and tank 3 above"),
            Field.discrete("drain", 3, "0 keeps both drains shut, 1 or 2 opens that of tank 1 or 2")),
        new Layout(Field.box("tracking", -HEIGHT_CM, 0, "cm", "Minus the mean distance of the levels below from their targets")),
        1_000_000_000L,
        Tanks::of);
  }

  private static Tanks of(Struct parameters) {
    double minutes = 20;
    for (var entry : parameters.getFieldsMap().entrySet()) {
      if (!entry.getKey().equals("minutes")) {
        throw new IllegalArgumentException("Unknown parameter '" + entry.getKey() + "'; there is minutes.");
      }
      minutes = entry.getValue().getNumberValue();
    }
    return new Tanks(minutes);
  }

  @Override
  public Moment reset(long seed) {
    random = new Random(seed);
    steps = 0;
    for (int i = 0; i < 4; i++) {
      level[i] = i < 2 ? 8 + 4 * random.nextDouble() : 1;
    }
    draw();
    return now(new double[0][], false);
  }

  @Override
  public Moment update(double[][] setpoints) {
    double[] volts = {setpoints[0] == null ? 0 : setpoints[0][0], setpoints[1] == null ? 0 : setpoints[1][0]};
    int drain = setpoints[2] == null ? 0 : (int) setpoints[2][0];
    boolean overflow = false;
    for (int i = 0; i < SUBSTEPS; i++) {
      overflow |= flow(volts, drain, (double) STEP_S / SUBSTEPS);
    }
    steps++;
    double distance = (Math.abs(level[0] - target[0]) + Math.abs(level[1] - target[1])) / 2;
    if (steps % TARGET_HOLDS == 0) {
      draw();
    }
    return now(new double[][] {{-distance}}, overflow);
  }

  /** Let a moment pass; whether a tank ran over. */
  private boolean flow(double[] volts, int drain, double seconds) {
    double[] out = new double[4];
    for (int i = 0; i < 4; i++) {
      double outlet = OUTLET_CM2[i] * (drain == i + 1 ? 2 : 1);
      out[i] = outlet * Math.sqrt(2 * GRAVITY * level[i]);
    }
    double[] in = new double[4];
    for (int pump = 0; pump < 2; pump++) {
      double flow = PUMP_CM3_PER_VS[pump] * volts[pump];
      in[pump] += SHARE_BELOW[pump] * flow + out[pump + 2];
      in[3 - pump] += (1 - SHARE_BELOW[pump]) * flow;
    }
    boolean overflow = false;
    for (int i = 0; i < 4; i++) {
      double next = level[i] + seconds * (in[i] - out[i]) / AREA_CM2[i];
      overflow |= next > HEIGHT_CM;
      level[i] = Math.max(0, Math.min(HEIGHT_CM, next));
    }
    return overflow;
  }

  private void draw() {
    target = new double[] {6 + 8 * random.nextDouble(), 6 + 8 * random.nextDouble()};
  }

  private Moment now(double[][] rewards, boolean terminated) {
    boolean truncated = steps >= stepsInAll && !terminated;
    return new Moment(new double[][] {level.clone(), target.clone()}, rewards, terminated, truncated, (long) steps * STEP_S);
  }
}
