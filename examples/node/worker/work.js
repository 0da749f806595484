// The Work stream: a server that makes itself known to the broker, takes offers, and answers calls.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const { VERSION } = require('../sparring/session');

const CALLS = 4;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
const KEPT_BACK = /^(:|grpc-|te$|content-type$|user-agent$|authorization$)/; // what belongs to one hop

class Worker {
  /**
   * @param {object} served
   * @param {string} served.broker host:port
   * @param {string} served.service name under which documents find it
   * @param {string} served.role environment or muscle
   * @param {string} served.offered name of what it offers
   * @param {string} served.address host:port of this server, as others reach it
   * @param {object} served.registry a Granted
   * @param {string} served.protos folder of the protos
   */
  constructor(served) {
    Object.assign(this, served, { incarnation: 0, untold: [], calls: new Map(), stopped: false, stream: null });
    const loading = { includeDirs: [served.protos], keepCase: true, longs: Number, enums: String, oneofs: true };
    const { BrokerService } = grpc.loadPackageDefinition(
      protoLoader.loadSync('sparring/api/broker/v1/broker_service.proto', loading),
    ).sparring.api.broker.v1;
    this.client = new BrokerService(served.broker, grpc.credentials.createInsecure());
    this.own = new grpc.Client(served.address, grpc.credentials.createInsecure());
    this.id = `${served.offered}-${crypto.randomBytes(8).toString('hex')}`;
    this.pause = FIRST_PAUSE_MS;
    served.registry.news.on('ended', (token) => this.tell({ session_ended: { event: { token, kind: 'KIND_ENDED' } } }));
    this.open();
  }

  /** One conversation after the other, for as long as this server lives. */
  open() {
    const metadata = new grpc.Metadata();
    const token = process.env.SPARRING_TOKEN_FILE;
    if (token) metadata.set('authorization', `Bearer ${fs.readFileSync(token, 'utf8').trim()}`);
    this.stream = this.client.Work(metadata);
    this.welcomed = false;
    this.stream.on('data', (message) => this.hear(message));
    this.stream.on('error', (error) => console.error(`broker: ${error.message}`));
    this.stream.on('close', () => this.comeBack());
    this.incarnation += 1;
    this.stream.write({ ready: this.ready() });
  }

  ready() {
    return {
      version: VERSION,
      worker_id: this.id,
      incarnation: this.incarnation,
      service: this.service,
      slots: this.registry.capacity,
      calls: CALLS,
      sessions: this.registry.sessions(),
      announcements: [{ name: this.offered, role: this.role }],
      endpoint: { address: this.address },
    };
  }

  comeBack() {
    clearInterval(this.heartbeat);
    clearTimeout(this.silence);
    if (this.stopped) return;
    setTimeout(() => this.open(), this.pause * (0.5 + Math.random() / 2));
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
  }

  hear(message) {
    this.silence?.refresh();
    const said = message[message.kind];
    if (message.kind === 'welcome') this.settle(said);
    else if (message.kind === 'offer') this.answerOffer(said);
    else if (message.kind === 'withdraw') this.registry.withdraw(said.token);
    else if (message.kind === 'request') this.carryOut(said);
    else if (message.kind === 'cancel') this.calls.get(said.request_id)?.cancel();
    else if (message.kind === 'disconnect') this.stream.end();
  }

  settle({ rates }) {
    const every = (Number(rates.heartbeat_interval.seconds ?? 0) + (rates.heartbeat_interval.nanos ?? 0) / 1e9) * 1000;
    const beat = () => ({ heartbeat: { busy_request_ids: [...this.calls.keys()], sessions: this.registry.sessions() } });
    this.heartbeat = setInterval(() => this.stream.write(beat()), every);
    this.silence = setTimeout(() => this.stream.cancel(), every * rates.liveness);
    this.pause = FIRST_PAUSE_MS;
    this.welcomed = true;
    this.untold.splice(0).forEach((event) => this.stream.write(event));
    console.log(`${this.service} is registered at ${this.broker}`);
  }

  /** Say something now, or when the broker is there again. */
  tell(event) {
    if (this.welcomed && !this.stream.destroyed) this.stream.write(event);
    else this.untold.push(event);
  }

  answerOffer({ token, expires }) {
    const until = Number(expires.seconds) * 1000 + (expires.nanos ?? 0) / 1e6;
    const refused = { token, reason: 'SLOT_TAKEN', message: 'All sessions of this server are taken.' };
    this.stream.write(this.registry.expect(token, until) ? { admitted: { token } } : { refused });
  }

  /** Pass a call on to this very server, bytes in and bytes out. */
  carryOut({ request_id, method, metadata = [], timeout, body }) {
    const bytes = (value) => value;
    const passed = new grpc.Metadata();
    for (const { key, value } of metadata) {
      if (!KEPT_BACK.test(key)) passed.add(key, key.endsWith('-bin') ? value : value.toString());
    }
    const left = timeout ? Number(timeout.seconds ?? 0) * 1000 + (timeout.nanos ?? 0) / 1e6 : 120_000;
    const options = { deadline: Date.now() + left };
    const call = this.own.makeUnaryRequest(method, bytes, bytes, body ?? Buffer.alloc(0), passed, options, (error, reply) => {
      this.calls.delete(request_id);
      const [details] = error?.metadata?.get('grpc-status-details-bin') ?? [];
      const failure = { request_id, code: error?.code, message: error?.details ?? '', details };
      if (!this.stream.destroyed) this.stream.write(error ? { failure } : { final: { request_id, body: reply } });
    });
    this.calls.set(request_id, call);
  }

  /** Say goodbye. */
  stop() {
    this.stopped = true;
    this.stream.write({ disconnect: { reason: 'REASON_SHUTDOWN', message: 'The server is going down.' } });
    this.stream.end();
    this.own.close();
  }
}

module.exports = { Worker };
