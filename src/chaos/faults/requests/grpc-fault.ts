/**
 * Delays gRPC calls to a specialist, or answers them with an error: all, or a share of those of one method.
 */
import { didYouMean } from '../../../core/did-you-mean.ts';
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
/** By number, from 1 (grpc/doc/statuscodes.md). OK is no fault. */
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
/** What the probe of a specialist calls. */
const PROBE_METHOD = 'HealthCheck';
const STATUS_ALLOWED = 'a gRPC status other than OK, such as UNAVAILABLE or RESOURCE_EXHAUSTED';
const SERVICE_ALLOWED = 'a specialist, such as specialist-business';
const METHOD_ALLOWED = "a method's own name, such as EvaluatePlan";

const PARAMETERS = parameters({
  service: parameter(matching(/^specialist-\S+$/, SERVICE_ALLOWED), {
    meaning: 'calls of which client',
    allowed: SERVICE_ALLOWED,
  }),
  status: statusParameter(
    parseStatus,
    'answered in place of the specialist, which does not see the call',
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
  summary: 'delays gRPC calls to a specialist or answers them with an error: all, or a share of some',
  parameters: PARAMETERS,
  permissions: REQUEST_PERMISSIONS,
  proof: REQUEST_PROOF,
  undone:
    'The rule is removed by its id; calls that wait go on at once, and clients dial the specialist anew for their next call. ' +
    'The proxy itself ends it when it is not renewed within the lease.',
  example:
    'grpc-fault: { service: specialist-business, method: EvaluatePlan, status: UNAVAILABLE, share: 20%, for: 8s }',

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
    const { service, method } = spec;
    return planRequests(world, {
      fault: NAME,
      service,
      spec,
      chosen: { protocol: 'grpc', ...(method !== null && { rpc: method }) },
      hasProbe: method === null || method === PROBE_METHOD,
      timers: [
        'While it is held, every call on these links crosses one more hop.',
        'Open connections get a GOAWAY at its beginning and end: calls in progress finish, the next call dials anew.',
        'A call that meets the GOAWAY unsent is tried again by gRPC itself; a client with retries off sees UNAVAILABLE once.',
      ],
    });
  },

  // A client takes UNAVAILABLE for a lost connection and passes on the message alone.
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
