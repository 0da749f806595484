// The muscle as a server: node muscle/main.js --port 50064
'use strict';

const path = require('node:path');
const { MuscleSession } = require('../sparring/muscle');
const { serve } = require('../sparring/server');
const { offer } = require('./linear');

serve(offer, { Session: MuscleSession, protos: path.join(__dirname, '../../../protos') });
