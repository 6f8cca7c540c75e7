/**
 * A night with a reference that is up beside it: two plain servers, one of which answers more slowly. The
 * place may drift as it likes; the ratio does not.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Night } from '../../src/core/night.ts';
import { Bench } from './support/gauntlet.ts';
import { dependsOnMachine } from './support/machine.ts';
import { httpStub, processed } from './support-scenarios/stubs.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const bench = new Bench();
const campaign = join(bench.folder, 'campaign.yaml');
let tries = 0;
/** One for each try. */
const history = (): string => join(bench.folder, `history-${tries}`);
const servers: Awaited<ReturnType<typeof httpStub>>[] = [];
afterAll(() => Promise.all(servers.map((one) => one.stop())));

async function target(name: string, afterMs: number): Promise<string> {
  const server = await httpStub(() => ({ status: 200, body: processed, afterMs }));
  servers.push(server);
  const path = join(bench.folder, `${name}.yaml`);
  writeFileSync(path, `name: ${name}\nplatform: none\ngateway: { url: "${server.url}" }\n`);
  return path;
}

const paths: Record<string, string> = {};
beforeAll(async () => {
  await requireTestTools(['k6']);
  paths['tonight'] = await target('tonight', 60);
  paths['reference'] = await target('reference', 20);
  writeFileSync(
    campaign,
    [
      'name: compared',
      `target: ${paths['tonight']}`,
      'load: [{ scenario: gateway-intentions, rate: 50/s, timeout: 1s }]',
      'warmup: 3s',
      'baseline: 6s',
      'objectives: [gateway.intentions p50 < 500ms in baseline]',
      'gate: { metrics: [failed, p50], find: 50%, alpha: 15%, pairs: { max: 5 }, block: 2s, settle: 1s }',
      '',
    ].join('\n'),
  );
});

const nightly = (name: string, ...more: string[]) =>
  bench.run('nightly', campaign, '--history', history(), '--out', join(bench.folder, name), '--yes', ...more);
const nights = (): readonly Night[] =>
  readdirSync(history(), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\d{4}\/\d{2}\/[^/]+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(history(), name), 'utf8')) as Night);

describe('gauntlet nightly --reference', () => {
  it(
    'compares in alternating blocks after the run, and fails where the reference is certainly faster (depends on the machine)',
    dependsOnMachine,
    async () => {
      tries += 1;
      const found = await nightly(`night-${tries}`, '--bootstrap', '--reference', paths['reference'] ?? '');
      expect(found.stdout, found.stderr).toMatch(/\nAgainst reference: FAIL: P50 ratio [23]\.\d+ /);
      expect(found.code).toBe(1);
      const [night] = nights();
      expect(night).toMatchObject({
        status: 'FAIL',
        runStatus: 'PASS',
        reference: { target: 'reference', status: 'FAIL' },
      });
      expect(night?.reference?.ratios[0]).toMatchObject({ flow: 'gateway.intentions', quantile: 'p50' });
      expect(night?.reference?.ratios[0]?.ratio.value).toBeGreaterThan(2);
      // Another night asks anew: a level that shrinks every night would find nothing after a month.
      expect(readdirSync(bench.state)).not.toContain('gates');
    },
  );

  it('is refused before anything is touched where the reference is tonight’s target, or unknown', async () => {
    const same = await nightly('same', '--reference', paths['tonight'] ?? '');
    expect([same.code, same.stderr]).toEqual([
      64,
      expect.stringContaining('another target than the baseline'),
    ]);
    const unknown = await nightly('unknown', '--reference', 'nobody');
    expect([unknown.code, unknown.stderr]).toEqual([64, expect.stringContaining('"nobody"')]);
    expect(nights()).toHaveLength(1);
  });
});
