import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsOf, type RunEvent } from '../../../../src/core/events.ts';
import { FLOW, liveAndDisk, type ScriptedRun } from './live-and-disk.ts';

const quiet: ScriptedRun = {
  ...{ seed: 1, ratePerSecond: 20, outage: 3, failing: 1, relapse: { from: 0, length: 0 } },
  ...{ strayFailures: 0, straySlow: 0, holdMs: 3000 },
};

type Word = number | 'bad again';

/** The last report of each level: its recovery time, or a relapse. */
function lastWords(events: readonly RunEvent[]): Map<string, Word> {
  const words = new Map<string, Word>();
  for (const event of events) {
    if (event.kind === 'recovered') words.set(event.sli, event.sinceInjectedMs);
    if (event.kind === 'relapsed') words.set(event.sli, 'bad again');
  }
  return words;
}

describe('what was said of a recovery while the run went on', () => {
  it('is what the report says of it, for any script of a fault', async () => {
    const seen = { recovered: 0, open: 0, calm: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          ratePerSecond: fc.constantFrom(5, 20, 60),
          outage: fc.double({ min: 0, max: 12, noNaN: true }),
          failing: fc.constantFrom(0.3, 0.7, 1),
          relapse: fc.record({
            from: fc.double({ min: 3, max: 22, noNaN: true }),
            length: fc.constantFrom(0, 0.1, 1, 30),
          }),
          strayFailures: fc.constantFrom(0, 0.002, 0.01),
          straySlow: fc.constantFrom(0, 0.005, 0.02),
          holdMs: fc.constantFrom(2000, 3000, 5000),
        }),
        async (script) => {
          const { events, disk } = await liveAndDisk(script);
          const words = lastWords(events);
          const [end] = eventsOf(events, 'recovery-watched');
          expect(Object.keys(disk).sort()).toEqual(
            ['fresh', `${FLOW} failed`, `${FLOW} slow`, 'held'].sort(),
          );
          for (const [sli, { settled, recovery }] of Object.entries(disk)) {
            expect(end?.notBack['throttle-redis']?.includes(sli)).toBe(!settled);
            const word = words.get(sli);
            if (!settled || recovery.status !== 'recovered') {
              expect(word === undefined || word === 'bad again').toBe(true);
              seen[settled ? 'calm' : 'open'] += 1;
              continue;
            }
            expect(typeof word).toBe('number');
            expect(Math.abs(Number(word) - (recovery.sinceInjectedMs ?? Number.NaN))).toBeLessThanOrEqual(
              recovery.boundMs,
            );
            seen.recovered += 1;
          }
        },
      ),
      { numRuns: 40 },
    );
    console.log(`live and report: ${JSON.stringify(seen)} levels agreed`);
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it('stays when the level goes bad again behind the watch, before the next fault: that has another cause', async () => {
    const calm = await liveAndDisk(quiet);
    const at = eventsOf(calm.events, 'recovery-watched')[0]?.at ?? 0;
    const later = (at - 1_800_000_005_000) / 1000 + 0.1;
    const { events, disk } = await liveAndDisk({ ...quiet, relapse: { from: later, length: 20 } });
    expect(eventsOf(events, 'recovery-watched')[0]).toMatchObject({ at, notBack: { 'throttle-redis': [] } });
    expect(disk).toEqual(calm.disk);
    expect(Object.values(disk).every((one) => one.recovery.status === 'recovered')).toBe(true);
  });

  it('is taken back when the level is bad again while others are still waited for', async () => {
    const { events, disk } = await liveAndDisk({ ...quiet, relapse: { from: 7, length: 40 } });
    const kinds = events.map((event) => event.kind);
    expect(kinds).toContain('recovered');
    expect(kinds.lastIndexOf('relapsed')).toBeGreaterThan(kinds.lastIndexOf('recovered'));
    expect(disk['held']).toMatchObject({ settled: false, recovery: { status: 'recovered' } });
    expect(disk['held']?.recovery.relapsedAtMs).toBeGreaterThan(6000);
  });
});
