/**
 * The gRPC side of a specialist: SpecialistService and the standard health service, with the real server's
 * settings.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import { messageOf } from '../../../../../src/core/errors.ts';
import { Mutex } from '../../../../../src/system/mutex.ts';
import { type Answer, bindGrpc, loadProtos, type GrpcReply as Reply, serviceOf } from '../grpc-app.ts';
import type { Counter, Histogram } from '../metrics.ts';
import type { SpecialistConfig } from './config.ts';
import { opinionOn, SPECIALIST_VERSION } from './opinion.ts';
import { readCognitivePlan } from './plan-schema.ts';

export interface EvaluationMetrics {
  readonly evaluations: Counter;
  readonly seconds: Histogram;
}

interface EvaluatePlanRequest {
  readonly plan_id: string;
  readonly cognitive_plan: Buffer;
  readonly plan_version: string;
  readonly context: Readonly<Record<string, string>>;
}

const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;
const SPECIALIST_SERVICE = 'neural_hive.specialist.SpecialistService';

/** @throws when the port cannot be bound. */
export async function serveGrpc(config: SpecialistConfig, metrics: EvaluationMetrics) {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
    'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  const loaded = loadProtos(['specialist.proto', 'health.proto']);
  server.addService(serviceOf(loaded, SPECIALIST_SERVICE), {
    EvaluatePlan: evaluatePlan(config, metrics),
    HealthCheck: healthCheck(config),
    GetCapabilities: getCapabilities,
  });
  server.addService(serviceOf(loaded, 'grpc.health.v1.Health'), { Check: check, Watch: watch });
  return bindGrpc(server, config.host, config.grpcPort);
}

function evaluatePlan(config: SpecialistConfig, metrics: EvaluationMetrics): Answer<EvaluatePlanRequest> {
  const workers = new Mutex(config.workers);
  return (call, callback) => {
    workers
      .run(() => evaluate(config, call.request))
      .then(
        (reply) => {
          metrics.evaluations.add({ specialist_type: config.specialist, status: 'success' });
          metrics.seconds.observe(reply.processing_time_ms / 1000, { specialist_type: config.specialist });
          callback(null, reply);
        },
        (error: unknown) => {
          metrics.evaluations.add({ specialist_type: config.specialist, status: 'error' });
          const code =
            error instanceof InvalidPlanError ? grpc.status.INVALID_ARGUMENT : grpc.status.INTERNAL;
          callback({ code, details: messageOf(error) });
        },
      );
  };
}

class InvalidPlanError extends Error {}

async function evaluate(config: SpecialistConfig, request: EvaluatePlanRequest) {
  const began = performance.now();
  const checked = readCognitivePlan(request.cognitive_plan);
  if (!checked.ok) throw new InvalidPlanError(checked.problems.join('; '));
  const opinion = opinionOn(checked.plan, config.specialist);
  await sleep(config.evaluationMs);
  const now = Date.now();
  return {
    // The real specialist returns these without a ledger; the sandbox has no MongoDB for opinions.
    opinion_id: `${request.context['skip_ledger'] ? 'skip-ledger' : 'ledger-unavailable'}-${randomUUID()}`,
    specialist_type: config.specialist,
    specialist_version: SPECIALIST_VERSION,
    opinion,
    processing_time_ms: Math.round(performance.now() - began),
    evaluated_at: { seconds: Math.trunc(now / 1000), nanos: (now % 1000) * 1_000_000 },
  };
}

function healthCheck(config: SpecialistConfig): Answer<unknown> {
  return (_, callback) => {
    const details = { specialist_type: config.specialist, version: SPECIALIST_VERSION, mode: 'heuristic' };
    callback(null, { status: 'SERVING', details });
  };
}

/** The real server puts floats and booleans into a map of strings, and therefore always fails. */
const getCapabilities: Answer<unknown> = (_, callback) =>
  callback({ code: grpc.status.INTERNAL, details: 'bad argument type for built-in operation' });

const isKnown = (service: string): boolean => service === '' || service === SPECIALIST_SERVICE;

const check: Answer<{ readonly service: string }> = (call, callback) => {
  if (isKnown(call.request.service)) callback(null, { status: 'SERVING' });
  else callback({ code: grpc.status.NOT_FOUND, details: 'unknown service' });
};

/** Sends one message and ends, as the real server does; the standard keeps the stream open. */
function watch(call: grpc.ServerWritableStream<{ readonly service: string }, Reply>): void {
  call.write({ status: isKnown(call.request.service) ? 'SERVING' : 'SERVICE_UNKNOWN' });
  call.end();
}
