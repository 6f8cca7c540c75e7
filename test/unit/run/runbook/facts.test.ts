/** Facts of a runbook: ticked only when they were checked and hold. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lockTarget } from '../../../../src/chaos/guards/target-lock.ts';
import { createJournal, journalIndexFolder } from '../../../../src/chaos/healing/journal.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import { ms } from '../../../../src/core/units.ts';
import { factBy } from '../../../../src/run/runbook/fact.ts';
import { stepsOnPaper } from '../../../../src/run/runbook/fault-facts.ts';
import { cleanFact, freeFact } from '../../../../src/run/runbook/place-facts.ts';
import { policyFacts } from '../../../../src/run/runbook/policy-facts.ts';
import { monotonicClock } from '../../../../src/system/monotonic-clock.ts';
import { targetFrom } from '../../../fakes/topology.ts';
import { smallPlan } from '../evidence/small-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-runbook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IDENTITY = 'sandbox:default';
const parse = (policy: string, parts = 'platform: sandbox') =>
  targetFrom('t.yaml', `name: t\n${parts}\n${policy}`);
const remote = 'platform: none\ngateway: { url: "http://prod.example:8000" }';
const fault = (name: string, kind: string, spec: object) => ({
  ...{ name, kind, spec: spec as Plan['faults'][number]['spec'], written: '{}', holdMs: ms(8000) },
  ...{ round: 1, seed: 7 },
});
const plan: Plan = {
  ...smallPlan,
  faults: [fault('cut-link', 'cut-link', { from: 'gateway', to: 'redis' })],
};
const placeIn = (name: string, target = parse('policy: { optIn: true }')) => ({
  ...{ target, env: {} },
  places: { state: join(folder, name), cache: join(folder, 'cache') },
});
const policy = async (text: string, parts?: string) =>
  (await policyFacts(plan, parse(text, parts), null)).map(
    (one) => `${one.status} ${one.subject}: ${one.detail}`,
  );

describe('the facts about what the owner allows', () => {
  it('hold on a sandbox that opted in', async () => {
    expect(await policy('policy: { optIn: true, protected: [] }')).toEqual([
      'ok Consent to faults: policy.optIn is true in the target file',
      'ok Consent to load: up to 10/s on this machine, without a ceiling',
      'ok Hours: any hour is allowed',
      'ok Protected names: nothing is protected',
    ]);
  });

  it('are missing, each with its reason, on a target that did not', async () => {
    const [faults, load] = await policy('policy: { optIn: false }', remote);
    expect(faults).toBe(
      'missing Consent to faults: policy.optIn: expected true, got false. ' +
        'A target must allow faults in its own file: policy: { optIn: true }.',
    );
    expect(load).toMatch(/^missing Consent to load: load on target t: expected policy\.load\.optIn: true/);
  });

  it('tell a closed window once, as hours', async () => {
    const day = new Date().getUTCDay();
    const other = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][(day + 3) % 7];
    const said = await policy(`policy: { optIn: true, hours: "${other} 09:00-17:00" }`, remote);
    const late = said.filter((one) => one.startsWith('missing'));
    expect(late).toHaveLength(1);
    expect(late[0]).toMatch(/^missing Hours: policy\.hours: expected a time within/);
  });
});

describe('the facts about the place', () => {
  it('hold where nothing is locked and nothing left', async () => {
    const place = placeIn('empty');
    expect(await freeFact(IDENTITY, place, null)).toMatchObject({ status: 'ok' });
    expect(await cleanFact(IDENTITY, place, null)).toMatchObject({
      ...{ status: 'ok', detail: `no journal of ${IDENTITY} is open, on this machine` },
    });
  });

  it('name the run that has locked the target, here or in the cluster', async () => {
    const place = placeIn('locked');
    const unlock = lockTarget(place.places, IDENTITY, 'run demo');
    const here = await freeFact(IDENTITY, place, null);
    unlock();
    expect(here.status).toBe('missing');
    expect(here.detail).toContain('run demo');
    const opened = { holders: async () => ['box pid 7: run nightly'] } as never;
    expect((await freeFact(IDENTITY, place, opened)).detail).toContain('box pid 7: run nightly');
  });

  it('are missing where the cluster cannot be asked: what is not known is not so', async () => {
    const opened = { holders: async () => Promise.reject(new Error('403 leases')) } as never;
    expect(await freeFact(IDENTITY, placeIn('refused'), opened)).toMatchObject({
      ...{ status: 'missing', detail: '403 leases' },
    });
  });

  it('name what an earlier run left, on this target only', async () => {
    const place = placeIn('left');
    const owner = { host: 'box', pid: 4_194_305, startTicks: '1', boot: 'other', startedAt: '' };
    createJournal({
      path: join(folder, 'left.ndjson'),
      ...{ places: place.places, run: 'r1', clock: monotonicClock },
      platform: { platform: 'sandbox', identity: IDENTITY },
      owner: owner as never,
    });
    const { status, detail } = await cleanFact(IDENTITY, place, null);
    expect(status).toBe('missing');
    expect(detail).toContain('r1');
    expect(detail).toContain('Undo it with: gauntlet recover.');
    expect(await cleanFact('sandbox:other', place, null)).toMatchObject({ status: 'ok' });
    writeFileSync(join(journalIndexFolder(place.places), 'bad.json'), '{');
    expect((await cleanFact('sandbox:other', place, null)).detail).toContain('cannot be read');
  });
});

describe('the facts about faults on a sandbox that is not up', () => {
  const target = parse('policy: { optIn: true }');

  it('are not checked where their names exist, and planned as far as names go', async () => {
    const { facts, plans } = await stepsOnPaper(plan, target);
    expect(facts).toEqual([
      {
        ...{ subject: 'Fault cut-link', status: 'not-checked' },
        detail: 'its names exist; victims and replicas are known when the target is up',
      },
    ]);
    expect(plans.get('cut-link')?.touches).toContain('gateway->redis');
  });

  it('are missing where a name does not exist', async () => {
    const wrong = { ...plan, faults: [fault('cut-link', 'cut-link', { from: 'gatway', to: 'redis' })] };
    const { facts } = await stepsOnPaper(wrong, target);
    expect(facts[0]?.status).toBe('missing');
    expect(facts[0]?.detail).toContain('Did you mean');
  });
});

describe('a fact', () => {
  it('is missing when its check fails, in whatever way', async () => {
    expect(await factBy('x', () => Promise.reject(new TypeError('no')))).toEqual({
      ...{ subject: 'x', status: 'missing', detail: 'no' },
    });
  });
});
