package sparring.server;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import sparring.api.space.v1.Box;
import sparring.api.space.v1.Declaration;
import sparring.api.space.v1.Discrete;
import sparring.api.space.v1.ElementType;
import sparring.api.space.v1.Space;

/**
 * One sensor, actuator or reward: {@code count} numbers of 64 bits.
 *
 * @param count 0 is a scalar, more the length of a vector
 * @param low the smallest value, inclusive
 * @param high the largest value, inclusive
 * @param whole whether it is one of the integers from low to high
 */
public record Field(String uid, int count, double low, double high, boolean whole, String unit, String description) {
  /** A scalar. */
  public static Field box(String uid, double low, double high, String unit, String description) {
    return new Field(uid, 0, low, high, false, unit, description);
  }

  /** A vector; all its elements have the same bounds. */
  public static Field vector(String uid, int count, double low, double high, String unit, String description) {
    return new Field(uid, count, low, high, false, unit, description);
  }

  /** One of the integers 0 ... n - 1. */
  public static Field discrete(String uid, int n, String description) {
    return new Field(uid, 0, 0, n - 1, true, "", description);
  }

  int elements() {
    return Math.max(1, count);
  }

  /** NaN is inside no box. */
  boolean contains(double value) {
    return value >= low && value <= high && (!whole || value == Math.rint(value));
  }

  String outside(double value) {
    return "'%s' was given %s; its values are %s to %s.".formatted(uid, value, low, high);
  }

  Declaration declaration() {
    Space.Builder space = Space.newBuilder();
    if (whole) {
      space.setDiscrete(Discrete.newBuilder().setStart((long) low).setN((long) (high - low) + 1));
    } else {
      Box.Builder box = Box.newBuilder().setElementType(ElementType.ELEMENT_TYPE_FLOAT64).setLow(bound(low)).setHigh(bound(high));
      space.setBox(count == 0 ? box : box.addShape(count));
    }
    return Declaration.newBuilder().setUid(uid).setUnit(unit).setDescription(description).setSpace(space).build();
  }

  private static ByteString bound(double value) {
    return ByteString.copyFrom(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0, value));
  }
}
