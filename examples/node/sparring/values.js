// Values of a step: declared fields, and their packing into the bytes of sparring.api.space.v1.Values (one lane).
'use strict';

const { Fatal, Refused, status } = require('./errors');

const ELEMENTS = {
  ELEMENT_TYPE_FLOAT64: { bytes: 8, read: (data, at) => data.readDoubleLE(at), write: (data, at, value) => data.writeDoubleLE(value, at) },
  ELEMENT_TYPE_FLOAT32: { bytes: 4, read: (data, at) => data.readFloatLE(at), write: (data, at, value) => data.writeFloatLE(value, at) },
  ELEMENT_TYPE_INT64: { bytes: 8, read: (data, at) => Number(data.readBigInt64LE(at)), write: (data, at, value) => data.writeBigInt64LE(BigInt(value), at) },
};

/**
 * A box of numbers with the same bounds for all elements; a scalar where `shape` is empty.
 * @param {string} uid
 * @param {number} low inclusive
 * @param {number} high inclusive
 * @param {{unit?: string, description?: string, shape?: number[], type?: string}} [more] type: float64 or float32
 */
function box(uid, low, high, { unit = '', description = '', shape = [], type = 'float64' } = {}) {
  const element = `ELEMENT_TYPE_${type.toUpperCase()}`;
  return { uid, unit, description, shape, element, low: rounded(low, element), high: rounded(high, element), discrete: false };
}

/** One of the integers start, ..., start + n - 1. */
function discrete(uid, n, { unit = '', description = '', start = 0 } = {}) {
  return { uid, unit, description, shape: [], element: 'ELEMENT_TYPE_INT64', low: start, high: start + n - 1, discrete: true };
}

/** A bound as its element type has it. */
function rounded(number, element) {
  return element === 'ELEMENT_TYPE_FLOAT32' ? Math.fround(number) : number;
}

/** @param {object} declaration sparring.api.space.v1.Declaration, as a muscle gets them; boxes and discrete only */
function fieldOf({ uid, space }) {
  if (space.discrete) return discrete(uid, space.discrete.n, { start: space.discrete.start });
  const element = space.box?.element_type;
  if (!ELEMENTS[element]) throw new Fatal(status.INVALID_ARGUMENT, 'SPACE_UNKNOWN', `'${uid}' has a space that is not handled here.`);
  const bounds = (data) => ELEMENTS[element].read(data, 0);
  const { low, high, shape } = space.box;
  return { uid, shape: shape ?? [], element, low: bounds(low), high: bounds(high), discrete: false };
}

/** Where each field lies in the packed bytes: every one starts at a multiple of 8. */
class Layout {
  /** @param {object[]} fields made by `box` and `discrete` */
  constructor(fields) {
    this.bytes = 0;
    this.fields = fields.map((field) => {
      const count = field.shape.reduce((product, length) => product * length, 1);
      const at = this.bytes;
      this.bytes += Math.ceil((count * ELEMENTS[field.element].bytes) / 8) * 8;
      return { ...field, count, at, type: ELEMENTS[field.element] };
    });
  }

  /**
   * @param {(number | number[] | null)[]} values one per field; null is absent
   * @returns {object} sparring.api.space.v1.Values
   */
  pack(values) {
    const data = Buffer.alloc(this.bytes);
    if (values.length !== this.fields.length) throw outside(`${values.length} values were given for ${this.fields.length} fields.`);
    this.fields.forEach((field, index) => {
      if (values[index] === null) return;
      const elements = [].concat(values[index]);
      if (elements.length !== field.count) throw outside(`'${field.uid}' was given ${elements.length} elements.`);
      elements.forEach((value, i) => {
        const kept = rounded(value, field.element);
        if (!contains(field, kept)) throw outside(`'${field.uid}' was given ${value}; it takes ${field.low} to ${field.high}.`);
        field.type.write(data, field.at + i * field.type.bytes, kept);
      });
    });
    return { data, present: presence(values) };
  }

  /**
   * @param {object} packed sparring.api.space.v1.Values
   * @returns {(number | number[] | null)[]} one per field; a number for a scalar, null where absent
   */
  unpack(packed) {
    const data = packed?.data ?? Buffer.alloc(0);
    const present = packed?.present ?? Buffer.alloc(0);
    if (data.length !== this.bytes || (present.length && present.length !== Math.ceil(this.fields.length / 8))) {
      throw new Refused('PACKED_INVALID', `Found ${data.length} bytes of values, expected ${this.bytes}.`);
    }
    return this.fields.map((field, index) => {
      if (present.length && !((present[index >> 3] >> (index & 7)) & 1)) return null;
      const values = Array.from({ length: field.count }, (_, i) => field.type.read(data, field.at + i * field.type.bytes));
      return field.shape.length ? values : values[0];
    });
  }

  /** The same, of setpoints that were not checked by anybody: refused where one is outside its space. */
  unpackChecked(packed) {
    const values = this.unpack(packed);
    values.forEach((value, index) => {
      const field = this.fields[index];
      if (value === null || [].concat(value).every((element) => contains(field, element))) return;
      const message = `'${field.uid}' was given ${value}; it takes ${field.low} to ${field.high}.`;
      throw new Refused('SETPOINT_OUT_OF_SPACE', message, { field: field.uid });
    });
    return values;
  }

  /** @returns {object[]} sparring.api.space.v1.Declaration */
  declarations() {
    return this.fields.map(({ uid, unit, description, shape, element, low, high, discrete: whole, type }) => {
      if (whole) return { uid, unit, description, space: { discrete: { n: high - low + 1, start: low } } };
      const bound = (value) => {
        const data = Buffer.alloc(type.bytes);
        type.write(data, 0, value);
        return data;
      };
      return { uid, unit, description, space: { box: { element_type: element, shape, low: bound(low), high: bound(high) } } };
    });
  }
}

/** NaN is inside no box. */
function contains(field, value) {
  return value >= field.low && value <= field.high && (!field.discrete || Number.isInteger(value));
}

/** One bit per field; empty where all are present. */
function presence(values) {
  if (values.every((value) => value !== null)) return Buffer.alloc(0);
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  values.forEach((value, index) => {
    if (value !== null) bits[index >> 3] |= 1 << (index & 7);
  });
  return bits;
}

function outside(message) {
  return new Fatal(status.FAILED_PRECONDITION, 'VALUE_OUT_OF_SPACE', message);
}

module.exports = { Layout, box, discrete, fieldOf };
