// Faults on purpose, one at a time, by which the conformance kit is measured. FAULT=name in the environment chooses one.
'use strict';

const { Conversation } = require('./sparring/conversation');
const { EnvironmentSession } = require('./sparring/environment');
const { Fatal, Refused, status } = require('./sparring/errors');
const { Registry } = require('./sparring/registry');

class AbsentRefused extends EnvironmentSession {
  update(frame, idle) {
    const setpoints = this.offer.actuators.unpackChecked(frame.setpoints);
    if (setpoints.includes(null)) throw new Refused('SETPOINT_MISSING', 'Every actuator needs a setpoint.');
    return super.update(frame, idle);
  }
}

class RejectedMoves extends EnvironmentSession {
  update(frame, idle) {
    try {
      return super.update(frame, idle);
    } catch (error) {
      if (error.reason === 'SETPOINT_OUT_OF_SPACE') this.environment.update([null, null]);
      throw error;
    }
  }
}

class OverTaken extends EnvironmentSession {
  update(frame, idle) {
    this.over = false;
    return super.update(frame, idle);
  }
}

class PaddingMissing extends EnvironmentSession {
  update(frame, idle) {
    const updated = super.update(frame, idle);
    const { data, present } = updated.readings;
    const pieces = this.offer.sensors.fields.map(({ at, count, type }) => data.subarray(at, at + count * type.bytes));
    return { ...updated, readings: { data: Buffer.concat(pieces), present } };
  }
}

class ShutdownSilent extends Conversation {
  answer(response) {
    if (response.shut_down) this.close();
    else super.answer(response);
  }
}

class LimitMisnamed extends Registry {
  taken() {
    return new Fatal(status.UNAVAILABLE, 'SLOT_TAKEN', 'All sessions of this server are taken.');
  }
}

function worldShared(offer) {
  const world = offer.make({});
  return { ...offer, make: () => world };
}

const FAULTS = {
  absent_refused: { Session: AbsentRefused },
  health_missing: { health: false },
  limit_misnamed: { Registry: LimitMisnamed },
  over_taken: { Session: OverTaken },
  padding_missing: { Session: PaddingMissing },
  rejected_moves: { Session: RejectedMoves },
  shutdown_silent: { Conversation: ShutdownSilent },
  world_shared: { change: worldShared },
};

/** @returns {{change?: Function, Session?: Function}} the parts of a server that are to be replaced */
function chosenFault() {
  const name = process.env.FAULT;
  if (!name) return {};
  if (!FAULTS[name]) throw new Error(`Unknown fault ${name}; there are ${Object.keys(FAULTS).join(', ')}.`);
  return FAULTS[name];
}

module.exports = { chosenFault };
