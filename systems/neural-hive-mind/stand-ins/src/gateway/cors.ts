/**
 * Starlette's CORSMiddleware with the gateway's settings: any origin, credentials, max_age 600. Never sets
 * X-Request-ID.
 */
import type { IncomingMessage } from 'node:http';
import type { Reply } from '../http-app.ts';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

export function corsHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  const { origin, cookie } = request.headers;
  if (origin === undefined) return {};
  const common = {
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Content-Length, Content-Type, X-Request-ID',
  };
  // A wildcard is not allowed together with cookies, so the header names the origin itself.
  return cookie === undefined
    ? { ...common, 'access-control-allow-origin': '*' }
    : { ...common, 'access-control-allow-origin': origin, vary: 'Origin' };
}

export function preflight(request: IncomingMessage): Reply | undefined {
  const { origin } = request.headers;
  const method = request.headers['access-control-request-method'];
  if (request.method !== 'OPTIONS' || origin === undefined || method === undefined) return undefined;
  const allowed = METHODS.includes(method);
  const asked = request.headers['access-control-request-headers'];
  return {
    status: allowed ? 200 : 400,
    body: allowed ? 'OK' : 'Disallowed CORS method',
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': METHODS.join(', '),
      'access-control-max-age': '600',
      vary: 'Origin',
      ...(asked === undefined ? {} : { 'access-control-allow-headers': asked }),
    },
  };
}
