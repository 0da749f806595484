// A session with an environment: ( Update | Reset )* Shutdown.
'use strict';

const { Refused, Fatal, status } = require('./errors');
const { Session, VERSION, checkLanes, made, parametersOf } = require('./session');

/**
 * The state of the world after a reset or an update. Readings and rewards are in declared order.
 * @typedef {{readings: (number | number[])[], rewards?: number[], terminated?: boolean, truncated?: boolean, ticks?: number}} Moment
 *
 * What a simulator implements. Nothing may be left after `reset`: it equals a new instance with this seed. Setpoints are
 * within their spaces, or null where the agents left an actuator alone.
 * @typedef {{reset(seed: number): Moment, update(setpoints: (number | number[] | null)[]): Moment}} Environment
 *
 * What a server offers.
 * @typedef {{name: string, sensors: Layout, actuators: Layout, rewards: Layout, tick_ns?: number, make(parameters: object): Environment}} Offer
 */

class EnvironmentSession extends Session {
  static area = 'environment';
  static service = 'EnvironmentService';
  static methods = { describe: 'Describe', session: 'Session' };
  static unknown = 'ENVIRONMENT_UNKNOWN';
  static component = 'environment';
  static kinds = ['update', 'reset'];

  /** Answer Describe; nothing is kept. */
  static describe(offer, request) {
    made(offer.make, parametersOf(request.environment));
    return { ...declared(offer), max_lanes: 1 };
  }

  begin(start) {
    checkLanes(start);
    this.environment = made(this.offer.make, parametersOf(start.environment));
    return { started: { ...declared(this.offer), first: this.began(start.episode_seeds[0]) } };
  }

  carry(kind, frame) {
    const lanes = frame.lanes ?? [];
    if (lanes.length > 1) throw new Refused('LANES_MISMATCH', `A session of 1 lane was given a mask of ${lanes.length}.`);
    const idle = lanes.length === 1 && !lanes[0];
    if (kind === 'reset') return { reset_done: this.reset(frame, idle) };
    return { updated: this.update(frame, idle) };
  }

  reset(frame, idle) {
    if (frame.episode_seeds?.length !== 1) throw new Refused('LANES_MISMATCH', 'A Reset of a session of 1 lane has one episode seed.');
    if (idle) return { readings: this.offer.sensors.pack(this.offer.sensors.fields.map(() => null)), time: this.time };
    return this.began(frame.episode_seeds[0]);
  }

  began(seed) {
    const moment = this.environment.reset(seed);
    this.over = false;
    return { readings: this.offer.sensors.pack(moment.readings), time: this.timeOf(moment) };
  }

  update(frame, idle) {
    const { sensors, actuators, rewards } = this.offer;
    if (this.over) throw new Refused('EPISODE_OVER', 'The episode has ended; the next request must be Reset.');
    const setpoints = actuators.unpackChecked(frame.setpoints);
    if (idle) {
      const absent = (layout) => layout.pack(layout.fields.map(() => null));
      return { readings: absent(sensors), rewards: absent(rewards), time: this.time };
    }
    const moment = this.environment.update(setpoints);
    this.over = Boolean(moment.terminated || moment.truncated);
    return {
      readings: sensors.pack(moment.readings),
      rewards: rewards.pack(moment.rewards),
      terminated: moment.terminated ? [true] : [],
      truncated: moment.truncated && !moment.terminated ? [true] : [],
      time: this.timeOf(moment),
    };
  }

  timeOf({ ticks }) {
    this.time = ticks === undefined ? undefined : { ticks: [ticks] };
    return this.time;
  }
}

function declared({ sensors, actuators, rewards, tick_ns }) {
  const declarations = { sensors: sensors.declarations(), actuators: actuators.declarations(), rewards: rewards.declarations() };
  return { version: VERSION, capabilities: ['resume'], ...declarations, tick_ns };
}

module.exports = { EnvironmentSession };
