// The gRPC server: service, health, reflection, options, and a graceful end on SIGTERM.
'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const { ReflectionService } = require('@grpc/reflection');
const { HealthImplementation } = require('grpc-health-check');

const { asFatal } = require('./errors');
const { Conversation, checkName } = require('./conversation');
const { Registry } = require('./registry');

const LARGEST_MESSAGE = 64 << 20;
const GRACE_MS = 2000;
const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' }, // 0: any free one; it is printed
  capacity: { type: 'string', default: '8' }, // sessions at once
  linger: { type: 'string', default: '10' }, // seconds that a session waits for its client after the stream broke
};

/**
 * Serve until SIGTERM or SIGINT.
 * @param {object} offer what is served; see environment.js and muscle.js
 * @param {object} parts
 * @param {Function} parts.Session EnvironmentSession or MuscleSession
 * @param {string} [parts.protos] the folder of the protos; PROTOS in the environment goes first
 * @param {Function} [parts.listening] called with the address and the registry; may return what is to be called at the end
 */
function serve(offer, parts) {
  const { Session, protos, Registry: Seats = Registry, Conversation: Talk = Conversation, health = true, listening } = parts;
  const { values: options } = parseArgs({ options: OPTIONS });
  const folder = process.env.PROTOS || protos || path.join(__dirname, '..', 'protos');
  const { area, service, methods } = Session;
  const file = `sparring/api/${area}/v1/${service.replace('Service', '').toLowerCase()}_service.proto`;
  const definitions = protoLoader.loadSync(file, { includeDirs: [folder], keepCase: true, longs: Number, enums: String, oneofs: true });
  const name = `sparring.api.${area}.v1.${service}`;

  const capacity = Number(options.capacity);
  const served = { offer, Session, registry: new Seats(capacity, Number(options.linger)) };
  const server = new grpc.Server({ 'grpc.max_receive_message_length': LARGEST_MESSAGE, 'grpc.so_reuseport': 0 });
  server.addService(definitions[name], {
    [methods.describe]: ({ request }, answer) => {
      try {
        checkName(Session, offer, request[Session.component]);
        answer(null, { ...Session.describe(offer, request), capacity, offered: [offer.name] });
      } catch (error) {
        answer(asFatal(error).status);
      }
    },
    [methods.session]: (call) => new Talk(call, served),
  });
  let leave = () => {};
  const state = new HealthImplementation({ '': 'SERVING', [name]: 'SERVING' });
  if (health) state.addToServer(server);
  new ReflectionService(definitions).addToServer(server);

  server.bindAsync(`${options.host}:${options.port}`, grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      console.error(error.message);
      process.exit(1);
    }
    console.log(`${offer.name} listens at ${options.host}:${port}`);
    leave = listening?.(`${options.host}:${port}`, served.registry) ?? leave;
  });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      state.setStatus('', 'NOT_SERVING');
      leave();
      server.tryShutdown(() => process.exit(0));
      setTimeout(() => process.exit(0), GRACE_MS).unref();
    });
  }
}

module.exports = { serve };
