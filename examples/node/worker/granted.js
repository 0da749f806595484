// Slots that are handed out by a broker: a session is admitted if it was offered here, and its end is told.
'use strict';

const { EventEmitter } = require('node:events');
const { Registry } = require('../sparring/registry');

class Granted extends Registry {
  constructor(capacity, lingerS) {
    super(capacity, lingerS);
    this.expected = new Map(); // token to the timer that gives it up
    this.news = new EventEmitter(); // 'ended' with the token, when a slot is free again
  }

  /** Keep a slot for a session that was offered; false if none is free. */
  expect(token, untilMs) {
    if (this.seats.size + this.expected.size >= this.capacity) return false;
    const timer = setTimeout(() => this.forget(token), Math.max(0, untilMs - Date.now()));
    timer.unref();
    this.expected.set(token, timer);
    return true;
  }

  /** Nobody will come: the slot is free. */
  forget(token) {
    clearTimeout(this.expected.get(token));
    if (this.expected.delete(token)) this.news.emit('ended', token);
  }

  admit(token, call) {
    if (!this.expected.has(token)) throw this.taken();
    clearTimeout(this.expected.get(token));
    this.expected.delete(token);
    return super.admit(token, call);
  }

  release(seat) {
    const held = this.seats.has(seat.token);
    super.release(seat);
    if (held) this.news.emit('ended', seat.token);
  }

  /** End a session from outside, whatever its state. */
  withdraw(token) {
    this.forget(token);
    const seat = this.seats.get(token);
    if (!seat) return;
    const { call } = seat;
    this.release(seat);
    call?.cut();
  }

  /** @returns {object[]} OpenSession of every slot in use */
  sessions() {
    const state = ({ call }) => (call ? 'STATE_CONNECTED' : 'STATE_SUSPENDED');
    const held = [...this.seats.values()].map((seat) => ({ token: seat.token, state: state(seat) }));
    return [...held, ...[...this.expected.keys()].map((token) => ({ token, state: 'STATE_EXPECTED' }))];
  }
}

module.exports = { Granted };
