// The microgrid as a server that registers itself: SPARRING_BROKER=127.0.0.1:7000 node worker/main.js
'use strict';

const path = require('node:path');
const { offer } = require('../microgrid');
const { EnvironmentSession } = require('../sparring/environment');
const { serve } = require('../sparring/server');
const { Granted } = require('./granted');
const { Worker } = require('./work');

const protos = process.env.PROTOS || path.join(__dirname, '../../../protos');
const broker = process.env.SPARRING_BROKER || '127.0.0.1:7000';

serve(offer, {
  Session: EnvironmentSession,
  Registry: Granted,
  protos,
  listening: (address, registry) => {
    const known = { service: 'environment/microgrid', role: 'environment', offered: offer.name };
    const worker = new Worker({ broker, address, registry, protos, ...known });
    return () => worker.stop();
  },
});
