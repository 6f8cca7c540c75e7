/** What to do about a question that failed, where TLS is the reason: one side speaks it and the other does not. */
import { addressOf, formatAddress } from '../core/address.ts';
import type { Protocol } from '../core/system.ts';
import type { AddressAt } from '../core/topology.ts';
import { speaksTls } from '../system/tls/speaks-tls.ts';
import { tlsNext } from '../system/tls/tls-words.ts';
import { recognise } from './recognise.ts';

const DEADLINE_MS = 1000;
/** Of a URL; every other protocol has `tls:` in the target file. */
const SCHEMES: Readonly<Partial<Record<Protocol, string>>> = { http: 'http', redis: 'redis' };

/** A sentence or two, or null: TLS is not the reason. @param outcome of the question. */
export async function tlsAdvice(
  service: string,
  protocol: Protocol,
  { address, access, nodes }: AddressAt,
  outcome: string,
): Promise<string | null> {
  const at = addressOf(address, 1);
  // A list of nodes has no scheme.
  const scheme = nodes === undefined ? SCHEMES[protocol] : undefined;
  if (access?.tls === undefined) {
    if (/refused|^grpc-|^http-/.test(outcome) || !(await speaksTls(at.host, at.port, DEADLINE_MS)))
      return null;
    const write =
      scheme === undefined ? `services.${service}.tls: true` : `address: "${scheme}s://${formatAddress(at)}"`;
    return `It speaks TLS: write ${write}.`;
  }
  const known = tlsNext(outcome);
  if (known !== null && !/does not speak TLS/.test(outcome)) return known;
  if (known === null && !/reset|stalled|no TLS|^not an? /.test(outcome)) return null;
  if (await speaksTls(at.host, at.port, DEADLINE_MS)) return known;
  const { speaks } = await recognise(at, [protocol]);
  if (speaks === null) return known;
  const write =
    scheme === undefined
      ? `remove services.${service}.tls`
      : `write address: "${scheme}://${formatAddress(at)}"`;
  return `It speaks plain ${protocol}: ${write}, or use its port for TLS.`;
}
