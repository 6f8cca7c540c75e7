import { afterEach, describe, expect, it } from 'vitest';
import { runTogether, type TogetherOutcome } from '../../../../src/chaos/group/together.ts';
import { openEntries } from '../../../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../../../src/chaos/healing/recover.ts';
import type { FaultRequest } from '../../../../src/chaos/injector/fault-request.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import type { PlannedFault } from '../../../../src/core/plan.ts';
import { ms } from '../../../../src/core/units.ts';
import type { FakeOptions } from '../../../fakes/fake-platform.ts';
import { actAt, dieAt, gated, gatedFeed } from '../gates.ts';
import { drive, planned, type Stage, stage, traces } from '../stage.ts';

const KILL = planned('kill-pod', { service: 'orders' });
const THROTTLE = planned('throttle-redis', { latency: '40ms', for: '2s' });
const CUT = planned('partition-kafka', { broker: 1, for: '1s' });
const PAUSE = planned('pause-pod', { service: 'payments', for: '1s' });

const stages: Stage[] = [];
afterEach(() => {
  for (const one of stages.splice(0)) one.cleanUp();
});

function onStage(options: FakeOptions = {}): Stage {
  const one = stage(options);
  stages.push(one);
  return one;
}

const run = (
  one: Stage,
  faults: readonly PlannedFault[],
  over: Partial<FaultRequest> = {},
): Promise<TogetherOutcome> => drive(one.clock, runTogether(faults.map((fault) => one.request(fault, over))));

const kinds = (one: Stage, name: string): string[] =>
  one.events.flatMap((event) => ('fault' in event && event.fault === name ? [event.kind] : []));

describe('faults together', () => {
  it('are all applied before one of them is taken back, each with its own journal entry and receipts', async () => {
    const one = onStage();
    const before = traces(one.target);
    const { outcomes, failure } = await run(one, [CUT, THROTTLE, PAUSE]);
    expect(failure).toBeNull();
    expect(outcomes.map((outcome) => [outcome.name, outcome.status, outcome.cutShort])).toEqual([
      ['partition-kafka', 'injected', null],
      ['throttle-redis', 'injected', null],
      ['pause-pod', 'injected', null],
    ]);
    const applied = one.events.findLastIndex((event) => event.kind === 'fault-applied');
    const undoing = one.events.findIndex((event) => event.kind === 'fault-undoing');
    expect(applied).toBeLessThan(undoing);
    expect(one.journal.closedBy('none')).toBeUndefined();
    expect(openEntries(one.journal.path)).toEqual([]);
    expect(outcomes.every((outcome) => outcome.injection !== null && outcome.removal !== null)).toBe(true);
    expect(traces(one.target)).toEqual(before);
  });

  it('hold from the proof of the last one on, so that all were in place at the same time', async () => {
    const one = onStage();
    const { outcomes } = await run(one, [THROTTLE, PAUSE]);
    const last = Math.max(...outcomes.map((outcome) => outcome.injectedAt ?? 0));
    const holds = outcomes.map((outcome) => (outcome.removedAt ?? 0) - last);
    expect(holds[0]).toBeGreaterThanOrEqual(2000);
    expect(holds[1]).toBeGreaterThanOrEqual(1000);
    expect(holds[1]).toBeLessThan(2000);
  });

  it('let a fault that is over when it is done end, while the others are held', async () => {
    const one = onStage();
    const { outcomes } = await run(one, [KILL, THROTTLE]);
    expect(outcomes.map((outcome) => [outcome.status, outcome.cutShort])).toEqual([
      ['injected', null],
      ['injected', null],
    ]);
  });

  it('undo the others at once when one is not injected, long before their time', async () => {
    const one = onStage({ bypassed: true });
    const before = traces(one.target);
    const long = planned('pause-pod', { service: 'payments', for: '60s' });
    const { outcomes, failure } = await run(one, [long, THROTTLE], { proofTimeoutMs: ms(3000) });
    expect(failure).toBeNull();
    const [pause, throttle] = outcomes;
    expect(throttle?.status).toBe('not-injected');
    expect(pause).toMatchObject({
      status: 'injected',
      cutShort: `interrupted: its group was given up: throttle-redis: not injected (${throttle?.injection?.evidence})`,
    });
    expect((pause?.removedAt ?? 0) - (pause?.injectedAt ?? 0)).toBeLessThan(4000);
    expect(traces(one.target)).toEqual(before);
  });

  it('do not begin at all when one of them is not good before the act', async () => {
    const one = onStage();
    const feed = {
      watch: (probes: readonly string[]) =>
        probes.includes('redis') ? Promise.reject(new Error('no such address')) : one.feed.watch(probes),
      since: one.feed.since.bind(one.feed),
    };
    const { outcomes } = await run(one, [PAUSE, THROTTLE], { feed });
    const cause = 'redis cannot be watched: no such address';
    expect(
      outcomes.map(({ appliedAt, injection, cutShort }) => [appliedAt, injection?.evidence, cutShort]),
    ).toEqual([
      [
        null,
        'interrupted before the act',
        `interrupted: its group was given up: throttle-redis: not injected (${cause})`,
      ],
      [null, cause, null],
    ]);
    expect(one.target.acts).toEqual([]);
  });

  it('do not begin when the target went bad while one of them waited for the others', async () => {
    const one = onStage();
    const feed = {
      watch: async (probes: readonly string[]) => {
        await one.feed.watch(probes);
        // The probe of Redis is up three seconds late; by then another client has cut the other link.
        if (probes.includes('redis')) await one.clock.sleep(ms(3000));
      },
      since: one.feed.since.bind(one.feed),
    };
    const foreign = { id: 'x', links: ['probe->orders'], ttlMs: 60_000 };
    void one.clock
      .sleep(ms(2000))
      .then(() => one.target.platform.links?.impair({ ...foreign, effect: { kind: 'cut' } }));
    const { outcomes } = await run(one, [KILL, THROTTLE], { feed });
    expect(outcomes.map((outcome) => outcome.appliedAt)).toEqual([null, null]);
    expect(outcomes[0]?.injection?.evidence).toMatch(
      /^orders was not good for 1000 ms before the act: held .*, fresh .*/,
    );
    expect(outcomes[1]?.injection?.evidence).toContain('its group was given up: kill-pod: not injected (');
  });

  it('are all undone when the run is interrupted', async () => {
    const one = onStage();
    const before = traces(one.target);
    const stop = new AbortController();
    void one.clock.sleep(ms(2500)).then(() => stop.abort(new Error('SIGINT')));
    const long = ['60s'].map((hold) => planned('pause-pod', { service: 'payments', for: hold }));
    const slow = planned('throttle-redis', { latency: '40ms', for: '60s' });
    const { outcomes } = await run(one, [...long, slow], { signal: stop.signal });
    expect(outcomes.map((outcome) => outcome.cutShort)).toEqual([
      'interrupted: SIGINT',
      'interrupted: SIGINT',
    ]);
    expect(outcomes.every((outcome) => outcome.removedAt !== null)).toBe(true);
    expect(traces(one.target)).toEqual(before);
  });

  it('are all undone when the lease is lost', async () => {
    const one = onStage();
    const before = traces(one.target);
    void one.clock.sleep(ms(2500)).then(() => one.loseLease('the lease keeper ended'));
    const slow = planned('throttle-redis', { latency: '40ms', for: '60s' });
    const { outcomes } = await run(one, [{ ...PAUSE, holdMs: ms(60_000) }, slow]);
    expect(outcomes.map((outcome) => outcome.cutShort)).toEqual([
      'the lease keeper ended',
      'the lease keeper ended',
    ]);
    expect(traces(one.target)).toEqual(before);
  });
});

describe('faults together, whatever happens in between', () => {
  const long = { ...PAUSE, holdMs: ms(300) };
  const short = { ...THROTTLE, holdMs: ms(500) };
  const passes = async (): Promise<number> => {
    const one = onStage();
    const { gate, passed } = actAt(Number.POSITIVE_INFINITY, () => undefined);
    await run(one, [long, short], { world: gated(one.world, gate), feed: gatedFeed(one.feed, gate) });
    return passed();
  };

  it('heal when they are interrupted at any await', async () => {
    const count = await passes();
    expect(count).toBeGreaterThan(50);
    for (let index = 1; index <= count; index += 3) {
      const one = onStage();
      const before = traces(one.target);
      const stop = new AbortController();
      const { gate } = actAt(index, () => stop.abort(new Error('SIGINT')));
      const over = { world: gated(one.world, gate), feed: gatedFeed(one.feed, gate), signal: stop.signal };
      const { failure } = await run(one, [long, short], over);
      expect([index, failure, traces(one.target)]).toEqual([index, null, before]);
      expect(openEntries(one.journal.path)).toEqual([]);
    }
  });

  it('leave nothing when the harness dies at any await and recover comes after it', async () => {
    const count = await passes();
    for (let index = 1; index <= count; index += 5) {
      const one = onStage();
      const before = traces(one.target);
      const death = dieAt(index);
      const over = { world: gated(one.world, death.gate), feed: gatedFeed(one.feed, death.gate) };
      runTogether([long, short].map((fault) => one.request(fault, over))).catch(() => undefined);
      for (let step = 0; step < 400 && !death.died(); step += 1) await one.clock.advance(25);
      const recovered = recoverAll({
        places: one.places,
        openPlatform: async () => one.target.platform,
        clock: one.clock,
      });
      expect((await drive(one.clock, recovered)).residue).toEqual([]);
      expect([index, traces(one.target)]).toEqual([index, before]);
    }
  });
});

describe('the guards of faults together', () => {
  const refusal = async (one: Stage, faults: readonly PlannedFault[]): Promise<string[]> => {
    const { failure, outcomes } = await run(one, faults);
    expect(outcomes).toEqual([]);
    expect(failure).toBeInstanceOf(GauntletError);
    expect(failure).toMatchObject({ kind: 'refused' });
    expect(kinds(one, faults[0]?.name ?? '')).not.toContain('fault-applied');
    return (failure as GauntletError).message.split('\n');
  };

  it('refuse one broker cut and another killed, each of which is allowed alone, with every reason', async () => {
    const kill = planned('kill-broker', { broker: 2 });
    expect((await onStage().run(CUT)).status).toBe('injected');
    expect((await onStage().run(kill)).status).toBe('injected');
    const reasons = await refusal(onStage(), [CUT, kill]);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^partition-kafka \+ kill-broker on kafka-1 \+ kafka-2 \(pid \d+\): expected at least 2 in-sync replicas left in every partition, got fewer in .*\.$/,
      ),
      expect.stringMatching(
        /^partition-kafka \+ kill-broker on kafka-1 \+ kafka-2 \(pid \d+\): expected a quorum of 2 controllers left, got 1 of 3\.$/,
      ),
    ]);
  });

  it('refuse two faults that the same probe would have to prove', async () => {
    const slow = planned('throttle-redis', { latency: '40ms', for: '2s' });
    const pause = planned('redis-pause', { for: '1s' });
    expect(await refusal(onStage(), [slow, pause])).toEqual([
      'throttle-redis on redis together with redis-pause on redis (run_id a1b2c3d4): expected faults whose effects ' +
        'can be distinguished, got both are observed by redis. Choose another victim, or run them one after another with then.',
    ]);
  });

  it('count replicas over all members, unless each of them accepts the outage', async () => {
    const both = (accept: boolean): PlannedFault[] => [
      planned('kill-pod', { service: 'web', mode: 'one', 'accept-outage': accept }),
      planned('pause-pod', { service: 'web', mode: 'all', 'accept-outage': true, for: '1s' }),
    ];
    const said = 'kill-pod + pause-pod on web: expected at least one of 2 replicas left ready';
    expect((await refusal(onStage(), both(false))).some((line) => line.startsWith(said))).toBe(true);
    expect((await refusal(onStage(), both(true))).some((line) => line.startsWith(said))).toBe(false);
  });
});
