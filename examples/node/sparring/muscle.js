// A session with a muscle: ( Act | Reset )* Shutdown.
'use strict';

const { Refused } = require('./errors');
const { Session, VERSION, checkLanes, made, parametersOf } = require('./session');
const { Layout, fieldOf } = require('./values');

/**
 * What a muscle implements. A policy is what its brain made of JSON, or undefined while the brain has given none; `mode` is
 * MODE_TRAIN or MODE_TEST. After `reset` it behaves as newly made. `act` returns one setpoint per actuator (null leaves it
 * alone), and what its brain is to know about this act.
 * @typedef {{
 *   reset(seed: number, mode: string): void,
 *   take(policy: object): void,
 *   act(readings: (number | number[] | null)[]): {setpoints: (number | number[] | null)[], data?: object},
 * }} Muscle
 *
 * What a server offers.
 * @typedef {{name: string, make(parameters: object, sensors: object[], actuators: object[]): Muscle}} Offer
 */

class MuscleSession extends Session {
  static area = 'agent';
  static service = 'MuscleService';
  static methods = { describe: 'DescribeMuscle', session: 'MuscleSession' };
  static unknown = 'MUSCLE_UNKNOWN';
  static component = 'muscle';
  static kinds = ['act', 'reset'];

  /** Answer DescribeMuscle; nothing is kept. */
  static describe(offer, request) {
    parametersOf(request.muscle);
    return { version: VERSION, capabilities: ['resume'] };
  }

  begin(start) {
    checkLanes(start);
    this.sensors = new Layout((start.sensors ?? []).map(fieldOf));
    this.actuators = new Layout((start.actuators ?? []).map(fieldOf));
    const make = (parameters) => this.offer.make(parameters, this.sensors.fields, this.actuators.fields);
    this.muscle = made(make, parametersOf(start.muscle));
    this.renew(start.episode_seeds[0], start);
    return { started: { version: VERSION, capabilities: ['resume'] } };
  }

  carry(kind, frame) {
    if (kind === 'reset') {
      if (frame.episode_seeds?.length !== 1) throw new Refused('LANES_MISMATCH', 'A Reset of a session of 1 lane has one episode seed.');
      this.renew(frame.episode_seeds[0], frame);
      return { reset_done: {} };
    }
    if (frame.policy) this.muscle.take(snapshotOf(frame.policy));
    const { setpoints, data } = this.muscle.act(this.sensors.unpack(frame.readings));
    const told = data && { content_type: 'application/json', data: Buffer.from(JSON.stringify(data)) };
    return { acted: { setpoints: this.actuators.pack(setpoints), data: told } };
  }

  renew(seed, { policy, mode }) {
    if (policy) this.muscle.take(snapshotOf(policy));
    this.muscle.reset(seed, mode);
  }
}

function snapshotOf({ snapshot }) {
  if (snapshot?.content_type !== 'application/json') throw new Refused('POLICY_UNKNOWN', 'This muscle reads policies that are JSON.');
  return JSON.parse(snapshot.data.toString('utf8'));
}

module.exports = { MuscleSession };
