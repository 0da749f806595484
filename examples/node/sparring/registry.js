// Which sessions there are: admission up to the capacity, one stream per session, and lingering after a broken stream.
'use strict';

const { Fatal, status } = require('./errors');

class Registry {
  /**
   * @param {number} capacity sessions held at once
   * @param {number} lingerS how long a session waits for its client after the stream broke
   */
  constructor(capacity, lingerS) {
    this.capacity = capacity;
    this.lingerS = lingerS;
    this.seats = new Map();
  }

  /** Take a slot for a session whose stream `call` is. */
  admit(token, call) {
    if (this.seats.size >= this.capacity || this.seats.has(token)) throw this.taken();
    const seat = { token, call, session: null, timer: null };
    this.seats.set(token, seat);
    return seat;
  }

  taken() {
    const message = `All ${this.capacity} sessions of this server are taken, or the token is in use.`;
    return new Fatal(status.RESOURCE_EXHAUSTED, 'SLOT_TAKEN', message, { capacity: String(this.capacity) });
  }

  /** Go on with a session on another stream. */
  attach(token, call) {
    const seat = this.seats.get(token);
    if (!seat) {
      throw new Fatal(status.NOT_FOUND, 'SESSION_UNKNOWN', 'There is no such session here: it has ended, or its linger time is over.');
    }
    clearTimeout(seat.timer);
    const before = seat.call;
    seat.call = call;
    before?.fail(new Fatal(status.UNAVAILABLE, 'STREAM_REPLACED', 'The client of the session has opened another stream.'));
    return seat;
  }

  /** The stream broke: keep the session for its client. */
  suspend(seat) {
    seat.call = null;
    seat.timer = setTimeout(() => this.release(seat), this.lingerS * 1000);
    seat.timer.unref();
  }

  /** The session is over: its slot is free. */
  release(seat) {
    clearTimeout(seat.timer);
    this.seats.delete(seat.token);
  }
}

module.exports = { Registry };
