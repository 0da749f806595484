// One stream: its frames go to a session that it starts or attaches.
'use strict';

const { Fatal, asFatal, status } = require('./errors');
const { checkVersion } = require('./session');

class Conversation {
  /**
   * @param {object} call grpc-js's bidirectional stream
   * @param {object} served offer, registry and Session class
   */
  constructor(call, { offer, registry, Session }) {
    Object.assign(this, { call, offer, registry, Session, seat: null, chunks: [], closed: false });
    call.on('data', (request) => this.guarded(() => this.hear(request)));
    // A cancelled stream ends as well, right before it says that it was cancelled.
    call.on('end', () => setImmediate(() => (call.cancelled ? this.broken() : this.guarded(() => this.close()))));
    call.on('cancelled', () => this.broken());
    call.on('error', () => this.broken());
  }

  guarded(step) {
    try {
      if (!this.closed) step();
    } catch (error) {
      this.fail(asFatal(error));
    }
  }

  hear(request) {
    if (request.kind === 'chunk') {
      this.chunks.push(request.chunk.data);
      return;
    }
    this.join(request);
    if (this.seat) this.answer(this.seat.session.take(request));
    else this.answer(this.open(request));
  }

  /** Put a long value that came in chunks before its frame into the frame; such values are parameters and policies. */
  join(request) {
    const frame = request[request.kind] ?? {};
    const pieces = Buffer.concat(this.chunks.splice(0));
    let at = 0;
    for (const value of [frame[this.Session.component]?.parameters, frame.policy?.snapshot]) {
      if (value?.chunked_size_bytes === undefined || value.chunked_size_bytes === null) continue;
      value.data = pieces.subarray(at, at + value.chunked_size_bytes);
      at += value.chunked_size_bytes;
    }
    if (at !== pieces.length) throw new Fatal(status.INVALID_ARGUMENT, 'FRAME_MALFORMED', 'Other chunks came than the frame announces.');
  }

  open(request) {
    if (request.kind === 'attach') {
      checkVersion(request.attach.version);
      this.seat = this.registry.attach(request.attach.token, this);
      return { sequence: request.sequence, attached: { last_sequence: this.seat.session.answer.sequence } };
    }
    if (!request.kind) throw new Fatal(status.INVALID_ARGUMENT, 'FRAME_MALFORMED', 'The request has no kind that this server knows.');
    if (request.kind !== 'start' || request.sequence !== 1) {
      throw new Fatal(status.FAILED_PRECONDITION, 'GRAMMAR_VIOLATED', 'A session begins with Start, numbered 1, or with Attach.');
    }
    checkVersion(request.start.version);
    checkName(this.Session, this.offer, request.start[this.Session.component]);
    this.seat = this.registry.admit(request.start.token, this);
    this.seat.session = new this.Session(this.offer, request);
    return this.seat.session.answer;
  }

  answer(response) {
    if (!response.shut_down) {
      this.call.write(response);
      return;
    }
    this.leave();
    this.call.write(response);
    this.end();
  }

  /** End the stream, and the session if there is one. */
  fail(failure) {
    if (this.closed) return;
    this.leave();
    this.closed = true;
    this.call.emit('error', failure.status);
  }

  /** The session was ended from outside. */
  cut() {
    this.seat = null;
    this.fail(new Fatal(status.CANCELLED, 'SESSION_ENDED', 'The session was withdrawn.'));
  }

  /** The client has half-closed the stream. */
  close() {
    this.leave();
    this.end();
  }

  end() {
    this.closed = true;
    this.call.end();
  }

  /** The connection is gone, or the client has cancelled. */
  broken() {
    if (this.closed) return;
    this.closed = true;
    if (this.seat?.call === this) this.registry.suspend(this.seat);
  }

  /** Give the slot back, unless another stream has it by now. */
  leave() {
    if (this.seat?.call === this) this.registry.release(this.seat);
    this.seat = null;
  }
}

/** The empty name is the only offer there is. */
function checkName(Session, offer, component) {
  const name = component?.name ?? '';
  if (name === '' || name === offer.name) return;
  const message = `There is nothing called '${name}' here; this server offers '${offer.name}'.`;
  throw new Fatal(status.NOT_FOUND, Session.unknown, message, { offered: offer.name });
}

module.exports = { Conversation, checkName };
