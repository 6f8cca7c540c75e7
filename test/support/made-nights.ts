/** Nights as a year of them looks: mostly quiet, some failed, some without any number. All from one seed. */
import { type Estimate, NIGHT_SCHEMA, type Night, type QuarantineInForce } from '../../src/core/night.ts';
import { type Rng, seededRng } from '../../src/core/rng.ts';
import type { Reason, VerdictStatus } from '../../src/core/verdict.ts';

export interface MadeNights {
  readonly seed: number;
  readonly count: number;
  readonly campaign?: string;
  readonly target?: string;
  /** First words of reasons, owners and versions. */
  readonly text?: (plain: string) => string;
}

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2025, 10, 29, 2, 0, 12);
const hex = (rng: Rng, digits: number): string =>
  Array.from({ length: digits }, () => rng.below(16).toString(16)).join('');

/** About one in twelve is not PASS; every status occurs in a year. */
function statusOf(rng: Rng): VerdictStatus {
  const draw = rng.next();
  if (draw < 0.02) return 'INVALID';
  if (draw < 0.026) return 'RESIDUE';
  if (draw < 0.032) return 'NO-DATA';
  if (draw < 0.06) return 'FAIL';
  return draw < 0.085 ? 'INCONCLUSIVE' : 'PASS';
}

const REASONS: Readonly<Record<VerdictStatus, readonly string[]>> = {
  PASS: ['every objective was met'],
  FAIL: [
    'orders p99 < 800ms in baseline: 912 ms (885 ms … 941 ms)',
    'orders recovered < 45s after kill-pod: > 60 s',
  ],
  INCONCLUSIVE: ['orders p99 < 800ms in fault:slow-redis: 790 ms (764 ms … 816 ms) holds the limit'],
  'NO-DATA': ['nothing was due in baseline'],
  INVALID: ['the generator was late: P99 of lateness 312 ms, limit 50 ms'],
  RESIDUE: ['partition-kafka: its removal is not proven'],
};

export const QUARANTINE: QuarantineInForce = {
  fault: 'partition-kafka',
  sli: 'orders slow',
  owner: 'ana@example.org',
  reason: 'rebalance takes 20 s or 50 s on the same image; JIRA-4711',
  since: '2026-11-12T09:00:00.000Z',
  until: '2026-12-10T09:00:00.000Z',
};

/** In three segments: the campaign changes, then the cluster. */
export function madeNights({
  seed,
  count,
  campaign = 'nightly',
  target = 'staging',
  text = (one) => one,
}: MadeNights): readonly Night[] {
  const rng = seededRng(seed);
  const hashes = [hex(rng, 64), hex(rng, 64)];
  const [second, third] = [Math.floor(count * 0.3), Math.floor(count * 0.62)];
  let [gateway, worker] = [hex(rng, 64), hex(rng, 40)];
  return Array.from({ length: count }, (_, at): Night => {
    const started = FIRST + at * DAY_MS + rng.below(90_000);
    if (rng.next() < 0.25) gateway = hex(rng, 64);
    if (rng.next() < 0.15) worker = hex(rng, 40);
    const run = `${new Date(started).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${hex(rng, 4)}`;
    const status = statusOf(rng);
    // Missed only what is in quarantine.
    const isQuiet = count - at === 6 && status === 'PASS';
    const reasons: readonly Reason[] = REASONS[isQuiet ? 'FAIL' : status].map((one) => ({
      status: isQuiet ? 'FAIL' : status,
      text: text(one),
    }));
    return {
      schema: NIGHT_SCHEMA,
      id: `${run}-${hex(rng, 12)}`,
      run,
      campaign,
      campaignHash: hashes[at < second ? 0 : 1] ?? '',
      target,
      environment: {
        key: target,
        words: { cluster: at < third ? 'blue' : 'green', nodes: '3', cpu: text('8 cores') },
      },
      seed: rng.below(2 ** 31),
      startedAt: new Date(started).toISOString(),
      endedAt: new Date(started + 1_260_000).toISOString(),
      versions: { gauntlet: at < count * 0.5 ? '0.1.0' : '0.2.0', k6: '1.4.0', node: '22.11.0' },
      subject:
        rng.next() < 0.03
          ? {}
          : { gateway: `sha256:${gateway}`, worker, ...(at > second && { redis: text('7.4.1') }) },
      status,
      runStatus: isQuiet ? 'FAIL' : status,
      reasons,
      flows: {},
      faults: [],
      recoveries: [],
      recoveryWatchMs: 60_000,
      objectives: [],
      capacity: {},
      generator: { cpuRatio: 0.2, k6CpuRatio: 0.4 },
      quarantine:
        count - at <= 17
          ? [{ ...QUARANTINE, owner: text(QUARANTINE.owner), reason: text(QUARANTINE.reason) }]
          : [],
      report:
        at % 7 === 3
          ? `https://ci.example.org/artifacts/${run}/report.html`
          : at % 7 === 5
            ? `/srv/runs/${run}`
            : null,
    };
  });
}

export const hasNumbers = ({ status }: Night): boolean =>
  status === 'PASS' || status === 'FAIL' || status === 'INCONCLUSIVE';

/** With an interval as wide as a night's, now and then open to one side. */
export function estimate(rng: Rng, value: number, width: number): Estimate {
  const draw = rng.next();
  return {
    value,
    low: draw < 0.002 ? null : value / (1 + width * (0.6 + rng.next())),
    high: draw > 0.995 ? null : value * (1 + width * (0.6 + rng.next())),
  };
}
