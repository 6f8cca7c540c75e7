/**
 * Request faults on the proxy's control socket: GET /http-faults · PUT /http-faults HttpFault · POST
 * /http-faults/renew {id, ttlMs} -> {renewed} · DELETE /http-faults?id= -> {ended}.
 */
import type { HttpFault } from '../../../src/core/acts/http-acts.ts';
import type { ControlHandler } from '../../../src/system/control-socket.ts';
import type { HttpFaults } from './http-faults.ts';
import { knownLink, LONGEST_TTL_MS, parseId, parseRenewal, Reader } from './wire.ts';

/** @param links the names of the existing links. */
export function httpControl(faults: HttpFaults, links: readonly string[]): ControlHandler {
  return async ({ method, path, body }) => {
    const url = new URL(path, 'http://proxy');
    switch (`${method} ${url.pathname}`) {
      case 'GET /http-faults':
        return faults.list();
      case 'PUT /http-faults':
        await faults.put(parseHttpFault(body, links));
        return {};
      case 'POST /http-faults/renew': {
        const { id, ttlMs } = parseRenewal(body);
        return { renewed: faults.renew(id, ttlMs) };
      }
      case 'DELETE /http-faults':
        return { ended: faults.end(parseId({ id: url.searchParams.get('id') })) };
      default:
        return undefined;
    }
  };
}

/** @throws a usage error that names every wrong field. */
export function parseHttpFault(value: unknown, links: readonly string[]): HttpFault {
  const reader = new Reader();
  const fields = reader.fields('body', value);
  const number = (name: string, from: number, to: number): number | undefined =>
    fields[name] === undefined ? undefined : reader.number(name, fields[name], from, to);
  const text = (name: string): string | undefined =>
    fields[name] === undefined ? undefined : reader.text(name, fields[name]);
  const delayMs = number('delayMs', 0, 3_600_000);
  const jitterMs = number('jitterMs', 0, 3_600_000);
  const isGrpc = fields['protocol'] === 'grpc';
  if (!isGrpc && fields['protocol'] !== 'http') reader.wrong('protocol', 'http or grpc', fields['protocol']);
  const status = isGrpc ? number('status', 1, 16) : number('status', 200, 599);
  const rpc = text('rpc');
  const method = text('method');
  const path = text('path');
  const fault: HttpFault = {
    id: reader.text('id', fields['id']),
    links: reader.list('links', fields['links'], (at, one) => knownLink(reader, at, one, links)),
    protocol: isGrpc ? 'grpc' : 'http',
    share: reader.number('share', fields['share'], 0, 1),
    seed: reader.number('seed', fields['seed'], 0, 2 ** 32 - 1),
    ttlMs: reader.number('ttlMs', fields['ttlMs'], 1, LONGEST_TTL_MS),
    ...(delayMs !== undefined && { delayMs }),
    ...(jitterMs !== undefined && { jitterMs }),
    ...(status !== undefined && { status }),
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path }),
    ...(rpc !== undefined && { rpc }),
  };
  if ((jitterMs ?? 0) > (delayMs ?? 0)) reader.wrong('jitterMs', 'at most delayMs', jitterMs);
  if (delayMs === undefined && status === undefined) reader.wrong('body', 'delayMs, status or both', value);
  reader.finish();
  return fault;
}
