/** What `gauntlet init` sees of a service: only the addresses that were typed are dialled, with GET. */
import { addressOf } from '../../core/address.ts';
import type { Protocol } from '../../core/system.ts';
import { readBody } from '../../system/bounded-body.ts';
import { recognise } from '../../targets/recognise.ts';
import type { ServiceAnswer } from './answers.ts';

const TIMEOUT_MS = 2000;
const MOST_BYTES = 1024 * 1024;
/** Where frameworks serve their OpenAPI document. */
const DOCUMENTS = ['/openapi.json', '/v3/api-docs', '/swagger.json'];
const HEALTH = /^\/(?:[\w-]+\/)?(?:health|healthz|ready|readyz|readiness)(?:\/ready)?\/?$/;

export interface Seen {
  readonly name: string;
  /** Null: nothing answers, and nobody said what it would speak. */
  readonly protocol: Protocol | null;
  /** In the form of a target file. */
  readonly addresses: readonly string[];
  readonly answers: boolean;
  /** A sentence for the user. */
  readonly text: string;
  /** Paths that GET answers without parameters, by its OpenAPI document. */
  readonly paths: readonly string[];
}

export async function look(answer: ServiceAnswer): Promise<Seen> {
  const { name, protocol, addresses } = answer;
  const [first = ''] = addresses;
  const found = await recognise(
    addressOf(first, protocol === 'redis' ? 6379 : 80),
    protocol ? [protocol] : undefined,
    /^(https|rediss):/.test(first) ? {} : undefined,
  );
  const speaks = found.speaks ?? protocol;
  const written = addresses.map((one) => inForm(one, speaks));
  const seen = { name, protocol: speaks, addresses: written, answers: found.speaks !== null, paths: [] };
  if (found.speaks === null)
    return { ...seen, text: `${name}: no ${speaks ?? 'server'} at ${first}: ${found.why}` };
  if (speaks !== 'http') return { ...seen, text: `${name}: ${written.join(', ')} speaks ${speaks}` };
  const [url = ''] = written;
  const paths = await documentedPaths(url);
  const status = await statusOf(`${url}/`);
  const documented = paths.length === 0 ? '' : `; its OpenAPI document has ${paths.length} paths for GET`;
  return { ...seen, paths, text: `${name}: ${url} speaks http: GET / answers ${status}${documented}` };
}

const inForm = (address: string, protocol: Protocol | null): string =>
  (protocol === 'http' || protocol === 'redis') && !address.includes('://')
    ? `${protocol}://${address}`
    : address;

/** A status, or why there is none. Redirects are not followed: they could lead to another host. */
export async function statusOf(url: string): Promise<number | 'nothing'> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return 'nothing';
  }
}

export const isGood = (status: number | 'nothing'): boolean =>
  status !== 'nothing' && status >= 200 && status < 300;

async function documentedPaths(url: string): Promise<readonly string[]> {
  for (const path of DOCUMENTS) {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(`${url}${path}`, { redirect: 'manual', signal });
      if (!answer.ok || answer.body === null) {
        await answer.body?.cancel();
        continue;
      }
      const { paths } = Object(JSON.parse(await readBody(answer.body, MOST_BYTES))) as { paths?: object };
      return Object.entries(paths ?? {}).flatMap(([one, how]) =>
        /^\/[^{\s]*$/.test(one) && Object.hasOwn(Object(how) as object, 'get') ? [one] : [],
      );
    } catch {
      // No document there: it is a help, and nothing depends on it.
    }
  }
  return [];
}

/** Documented or `/`, and answered with 2xx. Undefined: a person has to say. */
export const goodPath = async ({ addresses, paths }: Seen): Promise<string | undefined> =>
  await firstGood(addresses[0] ?? '', [...paths.filter((one) => !HEALTH.test(one)).slice(0, 5), '/']);

/** A documented health path that is good now. */
export const healthPath = async ({ addresses, paths }: Seen): Promise<string | undefined> =>
  await firstGood(addresses[0] ?? '', paths.filter((one) => HEALTH.test(one)).slice(0, 5));

async function firstGood(url: string, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (isGood(await statusOf(`${url}${path}`))) return path;
  return undefined;
}
