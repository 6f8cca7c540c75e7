/**
 * A Pushgateway as the real one answers (compared with its binary in pushgateway-oracle.test.ts): PUT replaces
 * a group, POST the families of the same names, a bad push changes nothing but the time of the last failure.
 */

import { BadText, type ReadFamily, readMetrics, seriesKey } from './metrics-text.ts';
import { type Answer, type Asked, type StubServer, stubServer } from './stub-server.ts';

interface Group {
  readonly labels: Readonly<Record<string, string>>;
  families: Map<string, ReadFamily>;
  pushedAt: number;
  failedAt: number;
}

export interface StubPushgateway extends StubServer {
  /** Keys of the series of a scrape, without those of the Pushgateway itself. */
  series(): readonly string[];
  value(key: string): string | undefined;
}

const text = { 'content-type': 'text/plain; charset=utf-8' };
const bad = (why: string): Answer => ({ status: 400, body: `${why}\n`, headers: text });
const INVALID = 'pushed metrics are invalid or inconsistent with existing metrics';

export async function stubPushgateway(now: () => number = Date.now): Promise<StubPushgateway> {
  const groups = new Map<string, Group>();
  const server = await stubServer((asked) => handle(asked, groups, now));
  const scraped = (): Map<string, string> =>
    new Map(
      [...groups.values()].flatMap(({ families }) =>
        [...families.values()].flatMap(({ series }) =>
          series.map((one) => [seriesKey(one), one.value] as const),
        ),
      ),
    );
  return {
    ...server,
    series: () => [...scraped().keys()].sort(),
    value: (key) => scraped().get(key),
  };
}

function handle(asked: Asked, groups: Map<string, Group>, now: () => number): Answer {
  const { method, path } = asked;
  if (path === '/api/v1/metrics' && method === 'GET') return apiAnswer(groups);
  if (path === '/metrics' && method === 'GET') return { status: 200, headers: text, body: scrape(groups) };
  if (!path.startsWith('/metrics/job')) return { status: 404, body: '404 page not found\n', headers: text };
  if (!['PUT', 'POST', 'DELETE'].includes(method))
    return { status: 405, body: 'Method Not Allowed\n', headers: text };
  const labels = labelsOf(path.slice('/metrics'.length));
  if (typeof labels === 'string') return bad(labels);
  const key = seriesKey({ name: '', labels });
  if (method === 'DELETE') {
    groups.delete(key);
    return { status: 202 };
  }
  const group: Group = groups.get(key) ?? { labels, families: new Map(), pushedAt: 0, failedAt: 0 };
  let pushed: Map<string, ReadFamily>;
  try {
    pushed = readMetrics(asked.body);
  } catch (error) {
    if (error instanceof BadText) return bad(error.message);
    throw error;
  }
  for (const family of pushed.values())
    for (const [index, one] of family.series.entries())
      family.series[index] = {
        ...one,
        labels: { ...withBound(one.labels), instance: one.labels['instance'] ?? '', ...labels },
      };
  const others = [...groups].filter(([name]) => name !== key).map(([, one]) => one);
  const why = inconsistent(pushed, others);
  groups.set(key, group);
  if (why !== null) {
    group.failedAt = now();
    return bad(`${INVALID}: ${why}`);
  }
  group.families = new Map(method === 'PUT' ? pushed : [...group.families, ...pushed]);
  group.pushedAt = now();
  return { status: 200 };
}

/** Kept as a number: `30.0` comes back as `30`. */
const withBound = ({ le, ...labels }: Readonly<Record<string, string>>): Record<string, string> =>
  le === undefined ? labels : { ...labels, le: le === '+Inf' ? le : String(Number(le)) };

function inconsistent(pushed: Map<string, ReadFamily>, others: readonly Group[]): string | null {
  const seen = new Set<string>();
  for (const [name, { type, series }] of pushed) {
    if (series.some((one) => one.timestamp !== null)) return 'pushed metrics must not have timestamps';
    for (const one of series) {
      const key = seriesKey(one);
      if (seen.has(key))
        return `collected metric "${name}" was collected before with the same name and label values`;
      seen.add(key);
    }
    const there = others.map(({ families }) => families.get(name)?.type).find((one) => one !== undefined);
    if (there !== undefined && there !== type)
      return `collected metric "${name}" is not a ${there.toUpperCase()}`;
  }
  return null;
}

/** Decoded before it is split, as its router does. @returns what is wrong with a path as a text. */
function labelsOf(path: string): Record<string, string> | string {
  const [, jobKey = '', job = '', ...parts] = decodeURIComponent(path).split('/');
  if (parts.length % 2 === 1) return `odd number of components in label string "/${parts.join('/')}"`;
  const labels: Record<string, string> = {};
  for (const [name, value] of pairsOf([jobKey, job, ...parts])) {
    const plain = name.replace(/@base64$/, '');
    if (plain === name) labels[name] = value;
    else if (/^[A-Za-z0-9_-]*=*$/.test(value)) labels[plain] = Buffer.from(value, 'base64url').toString();
    else return `invalid base64 encoding for label ${plain}="${value}"`;
  }
  return labels;
}

const pairsOf = (parts: readonly string[]): readonly (readonly [string, string])[] =>
  parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ''] as const] : []));

function apiAnswer(groups: Map<string, Group>): Answer {
  const data = [...groups.values()].map(({ labels, families, pushedAt, failedAt }) => ({
    ...Object.fromEntries(
      [...families].map(([name, { type, help, series }]) => [
        name,
        {
          ...{ time_stamp: new Date(pushedAt).toISOString(), type: type.toUpperCase() },
          ...(help !== null && { help }),
          metrics: series.map((one) => ({ labels: one.labels, value: one.value })),
        },
      ]),
    ),
    labels,
    last_push_successful: pushedAt >= failedAt,
  }));
  const body = JSON.stringify({ status: 'success', data });
  return { status: 200, body, headers: { 'content-type': 'application/json' } };
}

const scrape = (groups: Map<string, Group>): string =>
  [...groups.values()]
    .flatMap(({ families }) => [...families.values()].flatMap(({ series }) => series))
    .map((one) => `${seriesKey(one)} ${one.value}\n`)
    .join('');
