// A muscle that sets every actuator by a weighted sum of all it reads; the weights are its brain's business.
'use strict';

/**
 * The weights come as a policy: `{weights: [[...], ...]}`, one row per number that is set, one column per number that is
 * read and one for a constant. Numbers read are scaled to -1 ... 1 by their bounds, sums are squashed to the bounds of the
 * actuator. Without a policy it leaves its actuators alone.
 */
class Linear {
  constructor(parameters, sensors, actuators) {
    const [unknown] = Object.keys(parameters);
    if (unknown) throw new Error(`Unknown parameter '${unknown}'; there are none.`);
    this.sensors = sensors;
    this.actuators = actuators;
    this.weights = null;
  }

  take({ weights }) {
    this.weights = weights;
  }

  reset() {} // nothing here lasts from one act to the next

  act(readings) {
    if (!this.weights) return { setpoints: this.actuators.map(() => null) };
    const inputs = [...readings.flatMap((value, i) => scaled(this.sensors[i], value)), 1];
    const rows = this.weights.values();
    const number = (actuator) => {
      const sum = rows.next().value.reduce((total, weight, i) => total + weight * inputs[i], 0);
      const share = (Math.tanh(sum) + 1) / 2;
      const value = actuator.low + share * (actuator.high - actuator.low);
      return actuator.discrete ? Math.round(value) : value;
    };
    const setpoints = this.actuators.map((actuator) => {
      const numbers = Array.from({ length: actuator.count }, () => number(actuator));
      return actuator.shape.length ? numbers : numbers[0];
    });
    return { setpoints };
  }
}

/** Numbers of a reading, in -1 ... 1; 0 where it is absent. */
function scaled({ low, high, count }, value) {
  const numbers = value === null ? Array(count).fill((low + high) / 2) : [].concat(value);
  const bounded = Number.isFinite(high - low) && high > low;
  return numbers.map((number) => (bounded ? (2 * (number - low)) / (high - low) - 1 : Math.tanh(number)));
}

const offer = {
  name: 'linear',
  make: (parameters, sensors, actuators) => new Linear(parameters, sensors, actuators),
};

module.exports = { offer };
