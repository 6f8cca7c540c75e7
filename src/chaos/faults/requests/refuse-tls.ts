/** Requests inside of TLS: what carries a link passes them on, and sees none of them. */
import { GauntletError } from '../../../core/errors.ts';
import { endpointOf, type Topology } from '../../../core/topology.ts';

/** @throws refused when the target enters the service by TLS. */
export function refuseTls(
  fault: string,
  service: string,
  protocol: 'http' | 'grpc',
  topology: Pick<Topology, 'services'>,
): void {
  const at = endpointOf(topology, service, protocol)?.at ?? [];
  if (!at.some(({ access }) => access?.tls !== undefined)) return;
  throw new GauntletError('refused', [
    {
      subject: `${fault} on ${service}`,
      expected: 'links with plain requests, which the proxy can read',
      got: 'TLS: it passes the bytes on and sees no request in them',
      next: 'Use cut-link, slow-link or reset-link, which act on bytes, or a plain port behind the one that ends TLS.',
    },
  ]);
}
