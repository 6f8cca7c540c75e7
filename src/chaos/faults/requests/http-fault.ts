/**
 * Delays HTTP requests to a service, or answers them with an error: all of them, or a share of those to one
 * path.
 */
import { endpointOf } from '../../../core/topology.ts';
import type { Parsed } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { matching, parameter, parameters, parserOf } from '../../parameters.ts';
import type { World } from '../../world.ts';
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

type HttpSpec = RequestSpec & {
  /** Null: the first one that speaks HTTP. */
  readonly service: string | null;
  readonly method: string | null;
  readonly path: string | null;
};

const NAME = 'http-fault';
const STATUS_ALLOWED = 'a status from 400 to 599, such as 503';
const METHOD_ALLOWED = 'a method in capital letters, such as POST';
const PATH_ALLOWED = 'a path without query, such as /orders';

const SERVICE_ALLOWED = 'the name of a service that speaks HTTP, such as web';

const PARAMETERS = parameters({
  service: parameter(matching(/\S/, SERVICE_ALLOWED), {
    meaning: 'the service whose requests are affected; default: the first one that speaks HTTP',
    allowed: SERVICE_ALLOWED,
  }).optional(),
  status: statusParameter(
    parseStatus,
    'sent in place of the service, which does not see the request',
    STATUS_ALLOWED,
  ),
  method: parameter(matching(/^[A-Z]+$/, METHOD_ALLOWED), {
    meaning: 'only requests with this method',
    allowed: METHOD_ALLOWED,
  }).optional(),
  path: parameter(matching(/^\/[^?#\s]*$/, PATH_ALLOWED), {
    meaning: 'only requests to this path and below it',
    allowed: PATH_ALLOWED,
  }).optional(),
  ...REQUEST_PARAMETERS,
});

export const httpFault: Fault<HttpSpec, RequestPlan, RequestUndo> = {
  name: NAME,
  summary: 'delays HTTP requests to a service or answers them with an error: all, or a share',
  parameters: PARAMETERS,
  permissions: REQUEST_PERMISSIONS,
  proof: REQUEST_PROOF,
  undone:
    'The rule is removed by its id; waiting requests continue at once, and open connections return to the service with their ' +
    'next request. The proxy itself ends it without a renewal within the lease.',
  example: 'http-fault: { path: /orders, method: POST, status: 503, share: 20%, for: 8s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, method, path, ...given }): HttpSpec => ({
      ...requestSpecOf(given),
      service: service ?? null,
      method: method ?? null,
      path: path ?? null,
    }),
    checkRequest,
  ),

  plan(spec, world) {
    const { method, path } = spec;
    const service = serviceSpeaking(NAME, 'http', spec.service, world);
    const probe = probeOf(world, service);
    return planRequests(world, {
      fault: NAME,
      service,
      spec,
      chosen: {
        protocol: 'http',
        ...(method !== null && { method }),
        ...(path !== null && { path }),
      },
      hasProbe:
        (method === null || method === probe.method) &&
        (path === null || path === '/' || isBelow(probe.path, path)),
      timers: [
        'While it is held, every request on these links crosses one more hop: 0.05 ms in the median on loopback.',
        'Open connections switch between two requests: the service sees one end and one begin, clients notice nothing.',
      ],
    });
  },

  ...requestVerbs(NAME, (sample, { status }) => sample.outcome === `http-${status}`),
};

/** The request of a service's probe. */
function probeOf({ platform }: World, service: string): { readonly method: string; readonly path: string } {
  const question = endpointOf(platform.topology, service, 'http')?.asks['ready']?.question;
  return question?.kind === 'http'
    ? { method: question.method.toUpperCase(), path: question.path }
    : { method: 'GET', path: '/' };
}

const isBelow = (path: string, above: string): boolean =>
  path === above || path.startsWith(above.endsWith('/') ? above : `${above}/`);

function parseStatus(value: unknown): Parsed<number> {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599
    ? { ok: true, value: status }
    : { ok: false, expected: STATUS_ALLOWED };
}
