/**
 * The stub against the real Pushgateway, request by request. GAUNTLET_PUSHGATEWAY names its binary, else it is found
 * on PATH: `apt-get install prometheus-pushgateway`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readMetrics, seriesKey } from '../../fakes/receivers/metrics-text.ts';
import { type StubPushgateway, stubPushgateway } from '../../fakes/receivers/stub-pushgateway.ts';
import { alone, night, rig, withHistory } from './rig.ts';

function binary(): string | undefined {
  const names = [process.env['GAUNTLET_PUSHGATEWAY'], 'pushgateway', 'prometheus-pushgateway'];
  return names.find((name) => {
    if (name === undefined || name === '') return false;
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

const found = binary();
const why =
  found === undefined ? ' (skipped: no pushgateway on PATH, and GAUNTLET_PUSHGATEWAY is not set)' : '';

describe.skipIf(found === undefined)(`the stub of a Pushgateway against the real one${why}`, () => {
  let real: { readonly base: string; readonly process: ChildProcess };
  let stub: StubPushgateway;

  beforeAll(async () => {
    stub = await stubPushgateway();
    const port = await freePort();
    const process = spawn(found ?? '', [`--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
    real = { base: `http://127.0.0.1:${port}`, process };
    await vi.waitFor(async () => expect((await fetch(`${real.base}/-/ready`)).status).toBe(200), 10_000);
  });
  afterAll(async () => {
    real.process.kill();
    await stub.close();
  });

  const pushed = async (base: string): Promise<readonly string[]> => {
    const text = await (await fetch(`${base}/metrics`)).text();
    return [...readMetrics(text).values()]
      .flatMap(({ series }) => series)
      .filter(({ labels }) => labels['job'] !== undefined)
      .filter(({ name }) => !name.startsWith('push_'))
      .map((one) => `${seriesKey(one)} ${Number(one.value.replace('Inf', 'Infinity'))}`)
      .sort();
  };

  const G = '/metrics/job/g/campaign/c/environment/e';
  const ACTS: readonly (readonly [method: string, path: string, body?: string])[] = [
    ['PUT', G, '# TYPE a gauge\na 1\n# TYPE b gauge\nb{x="1"} 2\n'],
    ['PUT', G, '# TYPE a gauge\na 5\n'],
    ['POST', G, '# TYPE b gauge\nb 3\n'],
    ['POST', G, '# TYPE b gauge\nb 4\n'],
    ['PUT', G, '# TYPE a gauge\na x\n'],
    ['PUT', G, '# TYPE a gauge\na 1'],
    ['PUT', G, '# TYPE a gauge\na{x="1"y="2"} 1\n'],
    ['PUT', G, '# TYPE a gauge\na 1 1700000000000\n'],
    ['PUT', G, 'a 1\n# TYPE a gauge\n'],
    ['PUT', '/metrics/job/g/campaign/d', '# TYPE b counter\nb 1\n'],
    ['PUT', '/metrics/job/g/campaign/d', '# HELP b other\n# TYPE b gauge\nb{campaign="z"} 1\n'],
    ['PUT', '/metrics/job/g/campaign/d', '# TYPE b gauge\nb 1\nb 2\n'],
    [
      'PUT',
      '/metrics/job/g/campaign@base64/=/environment@base64/L2E',
      '# TYPE b gauge\nb NaN\nb{l="1"} +Inf\n',
    ],
    ['PUT', '/metrics/job/g/campaign/a%2Fb/environment/e', '# TYPE b gauge\nb 9\n'],
    ['PUT', '/metrics/job/g/campaign', '# TYPE b gauge\nb 9\n'],
    ['PUT', '/metrics/job/g/campaign@base64/x!', '# TYPE b gauge\nb 9\n'],
    ['GET', G],
    ['DELETE', G],
    ['DELETE', '/metrics/job/none'],
    ['PUT', '/nothing', 'a 1\n'],
  ];

  it.each(ACTS)(
    'answers %s %s alike, and holds the same series after it',
    async (method = '', path, body) => {
      const ask = async (base: string) => {
        const answer = await fetch(base + path, { method, ...(body !== undefined && { body }) });
        return { status: answer.status, said: (await answer.text()).trim() };
      };
      const [is, must] = [await ask(stub.base), await ask(real.base)];
      expect(is.status).toBe(must.status);
      // Its words for a parsing error name the line; those for an inconsistency hold a dump of the metric.
      const begin =
        /^text format parsing error in line \d+|^odd number.*|^pushed metrics are[^:]*|^invalid base64[^:]*|^.*/;
      expect(begin.exec(is.said)?.[0]).toBe(begin.exec(must.said)?.[0]);
      expect(await pushed(stub.base)).toEqual(await pushed(real.base));
    },
  );

  it('takes what we push, and knows the last PASS after a FAIL', async () => {
    const own = rig();
    try {
      for (const { base } of [stub, real]) {
        const to = {
          pushgateway: { url: { from: 'text', url: base }, token: null, insecure: false },
        } as const;
        for (const input of [
          withHistory([night(9, 'PASS'), night(10, 'FAIL')]),
          alone(night(10, 'PASS', { target: '../é' })),
          alone(night(11, 'FAIL', { target: '../é' })),
        ])
          expect((await own.push(to, input))[0]).toMatchObject({ status: 'pushed' });
      }
      const held = await pushed(real.base);
      expect(await pushed(stub.base)).toEqual(held);
      const last = held.filter((one) => one.startsWith('gauntlet_last_success'));
      const at = (day: string): number => Date.parse(`2026-11-${day}T02:20:00Z`) / 1000;
      expect(last.map((one) => Number(one.split(' ').at(-1)))).toEqual([at('10'), at('09')]);
    } finally {
      own.close();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
