// What can go wrong in a session: refusals, which leave it unharmed, and failures, which end it.
'use strict';

const grpc = require('@grpc/grpc-js');

/** A recoverable failure: answered with an Error frame. Nothing may have changed. */
class Refused extends Error {
  /**
   * @param {string} reason UPPER_SNAKE
   * @param {string} message
   * @param {Object<string, string>} [metadata]
   */
  constructor(reason, message, metadata = {}) {
    super(message);
    Object.assign(this, { reason, metadata });
  }
}

/** Ends the session with a gRPC status that carries one google.rpc.ErrorInfo. */
class Fatal extends Error {
  /**
   * @param {number} code one of grpc.status
   * @param {string} reason UPPER_SNAKE
   * @param {string} message
   * @param {Object<string, string>} [metadata]
   */
  constructor(code, reason, message, metadata = {}) {
    super(message);
    Object.assign(this, { code, reason, metadata });
  }

  /** @returns {object} what grpc-js takes as the end of a call */
  get status() {
    const metadata = new grpc.Metadata();
    metadata.set('grpc-status-details-bin', details(this));
    return { code: this.code, details: this.message, metadata };
  }
}

/** The bytes of google.rpc.Status, by hand: three small messages. */
function details(failure) {
  const pairs = Object.entries(failure.metadata);
  const info = [
    piece(1, failure.reason),
    piece(2, 'sparring'),
    ...pairs.map(([name, value]) => piece(3, Buffer.concat([piece(1, name), piece(2, String(value))]))),
  ];
  const any = [piece(1, 'type.googleapis.com/google.rpc.ErrorInfo'), piece(2, Buffer.concat(info))];
  return Buffer.concat([Buffer.from([1 << 3, failure.code]), piece(2, failure.message), piece(3, Buffer.concat(any))]);
}

function piece(field, content) {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(number) {
  const bytes = [];
  for (; number >= 0x80; number >>>= 7) bytes.push((number & 0x7f) | 0x80);
  return Buffer.from([...bytes, number]);
}

/** @returns {Fatal} whatever was thrown, as the end of a session */
function asFatal(error) {
  return error instanceof Fatal ? error : new Fatal(grpc.status.FAILED_PRECONDITION, 'AUTHOR_CODE_FAILED', String(error));
}

module.exports = { Refused, Fatal, asFatal, status: grpc.status };
