// A house with battery and photovoltaics behind one fuse: when to store, when to buy.
'use strict';

const { Layout, box, discrete } = require('./sparring/values');

const STEP_H = 0.25;
const STEPS_PER_DAY = 24 / STEP_H;
const CAPACITY_KWH = 10;
const POWER_KW = 5; // most that the battery gives or takes
const EFFICIENCY = 0.95; // each way
const PEAK_KW = 6; // of the photovoltaics, without a cloud
const FUSE_KW = 11; // drawing more from the grid blows it
const HEATING_KW = 2; // load that can be shed
const FEED_IN = 0.08; // EUR per kWh sold

/** A generator of evenly distributed numbers in [0, 1) (xorshift by G. Marsaglia, 2003): the same on every machine. */
function generator(seed) {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/**
 * The microgrid. A step is a quarter of an hour, an episode `days` long. Clouds and demand come from the seed; the price is
 * low at night, high in the evening. The episode terminates when the fuse blows.
 */
class Microgrid {
  /** @param {{days?: number}} parameters */
  constructor({ days = 1, ...others } = {}) {
    const [unknown] = Object.keys(others);
    if (unknown) throw new Error(`Unknown parameter '${unknown}'; there is days.`);
    if (!(days > 0 && days <= 366)) throw new Error('days is a number above 0, at most 366.');
    this.steps = Math.round(days * STEPS_PER_DAY);
  }

  reset(seed) {
    this.random = generator(seed);
    this.step = 0;
    this.charge = 0.5;
    this.cloud = this.random();
    this.weather();
    return this.now();
  }

  update([battery, shed]) {
    const { grid, lost } = this.flow(battery ?? 0, shed === 1);
    const price = grid > 0 ? this.price() : FEED_IN;
    this.step += 1;
    this.weather();
    const terminated = grid > FUSE_KW;
    const comfort = shed === 1 ? -0.05 : 0;
    return {
      ...this.now(),
      rewards: [-grid * STEP_H * price, comfort, -lost],
      terminated,
      truncated: this.step >= this.steps && !terminated,
    };
  }

  /** Charge or discharge for one step; returns what the grid gives (kW) and what is lost (kWh). */
  flow(wanted, shed) {
    const room = (1 - this.charge) * CAPACITY_KWH;
    const stored = this.charge * CAPACITY_KWH;
    const into = Math.min(Math.max(-wanted, 0) * STEP_H * EFFICIENCY, room);
    const out = Math.min((Math.max(wanted, 0) * STEP_H) / EFFICIENCY, stored);
    this.charge = Math.min(1, Math.max(0, this.charge + (into - out) / CAPACITY_KWH));
    const battery = (out * EFFICIENCY - into / EFFICIENCY) / STEP_H;
    const demand = this.demand + (shed ? 0 : HEATING_KW);
    return { grid: demand - this.solar - battery, lost: into * (1 / EFFICIENCY - 1) + out * (1 - EFFICIENCY) };
  }

  weather() {
    this.cloud = Math.min(1, Math.max(0, this.cloud + 0.3 * (this.random() - 0.5)));
    const height = Math.sin(((this.hour() - 6) / 12) * Math.PI);
    this.solar = PEAK_KW * Math.max(0, height) * (1 - 0.8 * this.cloud);
    const busy = this.hour() >= 17 && this.hour() < 22 ? 3 : 0.5;
    this.demand = busy * (0.5 + this.random());
  }

  hour() {
    return (this.step * STEP_H) % 24;
  }

  price() {
    const hour = this.hour();
    if (hour < 6) return 0.18;
    return hour >= 17 && hour < 21 ? 0.42 : 0.3;
  }

  now() {
    const readings = [this.charge, this.solar, this.demand, this.price(), Math.floor(this.hour())];
    return { readings, ticks: this.step * STEP_H * 3600 };
  }
}

const offer = {
  name: 'microgrid',
  sensors: new Layout([
    box('charge', 0, 1, { description: 'Of the battery' }),
    box('solar', 0, PEAK_KW, { unit: 'kW', description: 'What the photovoltaics give', type: 'float32' }),
    box('demand', 0, 6, { unit: 'kW', description: 'Of the house, without heating', type: 'float32' }),
    box('price', 0, 1, { unit: 'EUR/kWh', description: 'Of power from the grid', type: 'float32' }),
    discrete('hour', 24, { unit: 'h', description: 'Of the day' }),
  ]),
  actuators: new Layout([
    box('battery', -POWER_KW, POWER_KW, { unit: 'kW', description: 'What it is to give; below 0 it takes', type: 'float32' }),
    discrete('shed', 2, { description: '1 switches the heating off for this step' }),
  ]),
  rewards: new Layout([
    box('income', -10, 10, { unit: 'EUR', description: 'What was sold, less what was bought' }),
    box('comfort', -1, 0, { description: 'Below 0 where the heating was off' }),
    box('losses', -1, 0, { unit: 'kWh', description: 'In the battery' }),
  ]),
  tick_ns: 1e9, // a second
  make: (parameters) => new Microgrid(parameters),
};

module.exports = { offer };
