// What sessions of environments and of muscles have in common: numbers, the last answer kept, refusals.
'use strict';

const { Fatal, Refused, asFatal, status } = require('./errors');

const VERSION = { major: 1, minor: 0 };

/** Refuse a client of another major version. */
function checkVersion(version) {
  const theirs = `${version?.major ?? 0}.${version?.minor ?? 0}`;
  const ours = `${VERSION.major}.${VERSION.minor}`;
  if (version?.major === VERSION.major) return;
  const message = `The client speaks protocol ${theirs}, this server ${ours}; the number before the dot must be the same.`;
  throw new Fatal(status.FAILED_PRECONDITION, 'VERSION_MISMATCH', message, { theirs, ours });
}

/** Refuse more lanes than one. */
function checkLanes(start) {
  if ((start.lanes ?? 0) <= 1 && start.episode_seeds?.length === 1) return;
  const message = `A session has one lane and one episode seed here; found ${start.lanes} and ${start.episode_seeds?.length ?? 0}.`;
  throw new Fatal(status.INVALID_ARGUMENT, 'LANES_MISMATCH', message);
}

/** @returns {object} the parameters of a component */
function parametersOf(component) {
  const { content_type: type, data } = component?.parameters ?? {};
  if (!type) return {};
  let found;
  try {
    found = type === 'application/json' ? JSON.parse(data.toString('utf8')) : null;
  } catch {
    found = null;
  }
  if (found !== null && typeof found === 'object' && !Array.isArray(found)) return found;
  throw new Fatal(status.INVALID_ARGUMENT, 'PARAMETERS_INVALID', `Parameters are a JSON object, not ${type} with something else.`);
}

/** Call an author's constructor: what it does not take is INVALID_ARGUMENT. */
function made(make, parameters) {
  try {
    return make(parameters);
  } catch (error) {
    throw error instanceof Fatal ? error : new Fatal(status.INVALID_ARGUMENT, 'PARAMETERS_INVALID', error.message);
  }
}

/** One session. Subclasses have `begin(start)` and `carry(kind, frame)`, which return the kind and frame of the answer. */
class Session {
  /** @param {object} request the frame with Start */
  constructor(offer, request) {
    this.offer = offer;
    this.token = request.start.token;
    this.answer = { sequence: 1, ...this.begin(request.start) };
  }

  /** Carry out a request, unless that was done before; returns the answer. Throws Fatal: the session is over. */
  take(request) {
    const last = this.answer.sequence;
    if (request.sequence === last) return this.answer;
    if (request.sequence !== last + 1) {
      throw new Fatal(status.FAILED_PRECONDITION, 'SEQUENCE_UNEXPECTED', `Request ${request.sequence} came after request ${last}.`);
    }
    this.answer = { sequence: last + 1, ...this.tried(request) };
    return this.answer;
  }

  /** @returns {object} the frame of the answer: that of `carry`, or an error */
  tried(request) {
    if (!request.kind) throw new Fatal(status.INVALID_ARGUMENT, 'FRAME_MALFORMED', 'The request has no kind that this server knows.');
    if (request.kind === 'shutdown') return { shut_down: {} };
    if (!this.constructor.kinds.includes(request.kind)) {
      throw new Fatal(status.FAILED_PRECONDITION, 'GRAMMAR_VIOLATED', 'This frame is not allowed here; a session starts once.');
    }
    try {
      return this.carry(request.kind, request[request.kind]);
    } catch (error) {
      if (!(error instanceof Refused)) throw asFatal(error);
      return { error: { reason: error.reason, message: error.message, metadata: error.metadata } };
    }
  }
}

module.exports = { VERSION, Session, checkVersion, checkLanes, parametersOf, made };
