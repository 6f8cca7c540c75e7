/**
 * Delays gRPC calls to a service, or answers them with an error: all of them, or a share of those to one
 * method.
 */
import { didYouMean } from '../../../core/did-you-mean.ts';
import { endpointOf } from '../../../core/topology.ts';
import type { Parsed } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { matching, parameter, parameters, parserOf } from '../../parameters.ts';
import {
  planRequests,
  REQUEST_PERMISSIONS,
  REQUEST_PROOF,
  type RequestPlan,
  type RequestUndo,
  requestVerbs,
  serviceSpeaking,
} from './request-fault.ts';
import {
  checkRequest,
  REQUEST_PARAMETERS,
  type RequestSpec,
  requestSpecOf,
  statusParameter,
} from './request-spec.ts';

type GrpcSpec = RequestSpec & { readonly service: string; readonly method: string | null };

const NAME = 'grpc-fault';
/** By number, from 1 (grpc/doc/statuscodes.md). OK is not a fault. */
const STATUSES = [
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
const STATUS_ALLOWED = 'a gRPC status other than OK, such as UNAVAILABLE or RESOURCE_EXHAUSTED';
const SERVICE_ALLOWED = 'the name of a service that speaks gRPC, such as orders';
const METHOD_ALLOWED = "a method's own name, such as Reserve";

const PARAMETERS = parameters({
  service: parameter(matching(/\S/, SERVICE_ALLOWED), {
    meaning: 'the service whose calls are affected',
    allowed: SERVICE_ALLOWED,
  }),
  status: statusParameter(
    parseStatus,
    'sent in place of the service, which does not see the call',
    STATUS_ALLOWED,
  ),
  method: parameter(matching(/^[A-Za-z][A-Za-z0-9_]*$/, METHOD_ALLOWED), {
    meaning: 'only calls of this method',
    allowed: METHOD_ALLOWED,
  }).optional(),
  ...REQUEST_PARAMETERS,
});

export const grpcFault: Fault<GrpcSpec, RequestPlan, RequestUndo> = {
  name: NAME,
  summary: 'delays gRPC calls to a service or answers them with an error: all, or a share',
  parameters: PARAMETERS,
  permissions: REQUEST_PERMISSIONS,
  proof: REQUEST_PROOF,
  undone:
    'The rule is removed by its id; waiting calls continue at once, and clients reconnect to the service for their next call. ' +
    'The proxy itself ends it without a renewal within the lease.',
  example: 'grpc-fault: { service: orders, method: Reserve, status: UNAVAILABLE, share: 20%, for: 8s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, method, ...given }): GrpcSpec => ({
      ...requestSpecOf(given),
      service,
      method: method ?? null,
    }),
    checkRequest,
  ),

  plan(spec, world) {
    const { method } = spec;
    const service = serviceSpeaking(NAME, 'grpc', spec.service, world);
    const question = endpointOf(world.platform.topology, service, 'grpc')?.asks['ready']?.question;
    const probed = question?.kind === 'grpc' ? question.method : 'Check';
    return planRequests(world, {
      fault: NAME,
      service,
      spec,
      chosen: { protocol: 'grpc', ...(method !== null && { rpc: method }) },
      hasProbe: method === null || method === probed,
      timers: [
        'While it is held, every call on these links crosses one more hop.',
        'Open connections get a GOAWAY at its beginning and end: calls in progress finish, the next call reconnects.',
        'gRPC itself retries a call that was not sent before the GOAWAY; a client with retries off sees UNAVAILABLE once.',
      ],
    });
  },

  // A client treats UNAVAILABLE as a lost connection and passes on only the message.
  ...requestVerbs(
    NAME,
    ({ outcome }, { status }) =>
      outcome === 'fault injected by gauntlet' || outcome === `grpc-${STATUSES[(status ?? 0) - 1]}`,
  ),
};

function parseStatus(value: unknown): Parsed<number> {
  const index = (STATUSES as readonly unknown[]).indexOf(value);
  return index < 0
    ? { ok: false, expected: STATUS_ALLOWED, ...didYouMean(String(value), STATUSES) }
    : { ok: true, value: index + 1 };
}
