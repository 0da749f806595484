package sparring.server;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import sparring.api.space.v1.Declaration;
import sparring.api.space.v1.Values;

/** Declared fields, and their packing into the bytes of Values (one lane); every number takes eight bytes. */
public final class Layout {
  private final List<Field> fields;
  private final int bytes;

  public Layout(Field... fields) {
    this.fields = List.of(fields);
    this.bytes = 8 * this.fields.stream().mapToInt(Field::elements).sum();
  }

  List<Declaration> declarations() {
    return fields.stream().map(Field::declaration).toList();
  }

  /** Packs one array per field. Throws Fatal where the environment returns what it did not declare. */
  Values pack(double[]... values) {
    if (values.length != fields.size()) {
      throw outside("%d values were returned for %d fields.".formatted(values.length, fields.size()));
    }
    ByteBuffer data = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      Field field = fields.get(i);
      if (values[i].length != field.elements()) {
        throw outside("'%s' has %d elements, not %d.".formatted(field.uid(), field.elements(), values[i].length));
      }
      for (double value : values[i]) {
        if (!field.contains(value)) {
          throw outside(field.outside(value));
        }
        data.putLong(field.whole() ? (long) value : Double.doubleToRawLongBits(value));
      }
    }
    return Values.newBuilder().setData(ByteString.copyFrom(data.flip())).build();
  }

  /** Packs a lane that has nothing to say. */
  Values absent() {
    ByteString present = ByteString.copyFrom(new byte[(fields.size() + 7) / 8]);
    return Values.newBuilder().setPresent(present).setData(ByteString.copyFrom(new byte[bytes])).build();
  }

  /** Unpacks one array per field, null where absent. Throws Refused where one is outside its space. */
  double[][] unpack(Values packed) {
    ByteString present = packed.getPresent();
    if (packed.getData().size() != bytes || !present.isEmpty() && present.size() != (fields.size() + 7) / 8) {
      throw new Refused("PACKED_INVALID", "Found %d bytes of setpoints, expected %d.".formatted(packed.getData().size(), bytes));
    }
    ByteBuffer data = packed.getData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    double[][] values = new double[fields.size()][];
    for (int i = 0; i < values.length; i++) {
      Field field = fields.get(i);
      boolean there = present.isEmpty() || (present.byteAt(i / 8) >> i % 8 & 1) == 1;
      double[] value = new double[field.elements()];
      for (int j = 0; j < value.length; j++) {
        long bits = data.getLong();
        value[j] = field.whole() ? bits : Double.longBitsToDouble(bits);
        if (there && !field.contains(value[j])) {
          throw new Refused("SETPOINT_OUT_OF_SPACE", field.outside(value[j]), Map.of("field", field.uid()));
        }
      }
      values[i] = there ? value : null;
    }
    return values;
  }

  private static Fatal outside(String message) {
    return new Fatal(Status.Code.FAILED_PRECONDITION, "VALUE_OUT_OF_SPACE", message);
  }
}
