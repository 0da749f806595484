// The microgrid as a server: node main.js --port 50062
'use strict';

const path = require('node:path');
const { chosenFault } = require('./faults');
const { offer } = require('./microgrid');
const { EnvironmentSession } = require('./sparring/environment');
const { serve } = require('./sparring/server');

const { change = (good) => good, ...parts } = chosenFault();
serve(change(offer), { Session: EnvironmentSession, protos: path.join(__dirname, '../../protos'), ...parts });
