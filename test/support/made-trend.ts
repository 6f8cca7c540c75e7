/** A trend with every state, shape and oddity that the page must show, from one seed. */
import type { Night } from '../../src/core/night.ts';
import { type Rng, seededRng } from '../../src/core/rng.ts';
import type {
  PinComparison,
  Segment,
  SeriesChange,
  SeriesKind,
  SeriesNight,
  Trend,
  TrendSeries,
} from '../../src/core/trend.ts';
import { estimate, hasNumbers, type MadeNights, madeNights, QUARANTINE } from './made-nights.ts';

export interface MadeTrend extends MadeNights {
  readonly series: number;
  /** Default 8. */
  readonly headline?: number;
}

/** What happens to a series over its nights. */
type Story =
  | 'steady'
  | 'step'
  | 'suspected'
  | 'better'
  | 'drift'
  | 'recovery'
  | 'recovered-share'
  | 'share'
  | 'rate'
  | 'young'
  | 'spikes';

const STORIES: readonly Story[] = [
  'step',
  'recovery',
  'recovered-share',
  'share',
  'suspected',
  'rate',
  'steady',
  'young',
  'better',
  'drift',
  'spikes',
];
const NAMES: Readonly<Record<Story, string>> = {
  step: 'orders p99 in baseline',
  recovery: 'kill-pod: orders failed recovery',
  'recovered-share': 'kill-pod: orders failed recovered',
  share: 'orders failed in baseline',
  suspected: 'orders p95 in fault:slow-redis',
  rate: 'orders capacity',
  steady: 'orders p50 in baseline',
  young: 'search p99 in baseline',
  better: 'search p95 in fault:cut-link',
  drift: 'journal p99 in recovery:kill-pod',
  spikes: 'journal p95 in baseline',
};
const KINDS: Partial<Readonly<Record<Story, SeriesKind>>> = {
  recovery: 'recovery',
  'recovered-share': 'recovered-share',
  share: 'share',
  rate: 'rate',
};

export function madeTrend(asked: MadeTrend): Trend {
  const { seed, series: count, headline = 8, text = (one) => one } = asked;
  const nights = madeNights(asked);
  const rng = seededRng(seed + 1);
  const series = Array.from({ length: count }, (_, at) => {
    const story = STORIES[at % STORIES.length] ?? 'steady';
    const round = Math.floor(at / STORIES.length);
    const made = oneSeries(nights, story, rng, at < headline);
    const id = round === 0 ? NAMES[story] : `${NAMES[story]} of tenant-${round + 1}`;
    return { ...made, id: text(id), sentence: text(sentenceOf(id, made)) };
  });
  const last = nights.at(-1);
  return {
    campaign: asked.campaign ?? 'nightly',
    environment: last?.environment.key ?? 'staging',
    nights,
    segments: segmentsOf(nights),
    pinned: nights[Math.floor(nights.length * 0.66)]?.id ?? null,
    series,
    quarantine:
      last === undefined || last.quarantine.length === 0
        ? []
        : [{ ...QUARANTINE, owner: text(QUARANTINE.owner), reason: text(QUARANTINE.reason) }],
    status: nights.length < 12 ? null : 'FAIL',
    headline: text(
      nights.length < 12
        ? `INSUFFICIENT-HISTORY: ${nights.length} of the 12 comparable nights that a trend needs`
        : 'FAIL: orders p99 in baseline rose by 22 % on 2026-11-17, confirmed (640 ms → 781 ms) (and 3 more); 5 of 6 recoveries judged, 1 in quarantine since 2026-11-12',
    ),
  };
}

function segmentsOf(nights: readonly Night[]): readonly Segment[] {
  const [first] = nights;
  if (first === undefined) return [];
  const found: Segment[] = [{ from: first.id, because: null }];
  nights.forEach((night, at) => {
    const before = nights[at - 1];
    if (before === undefined) return;
    if (before.campaignHash !== night.campaignHash) found.push({ from: night.id, because: 'campaign' });
    else if (before.environment.words['cluster'] !== night.environment.words['cluster'])
      found.push({
        from: night.id,
        because: `cluster: ${before.environment.words['cluster']} → ${night.environment.words['cluster']}`,
      });
  });
  return found;
}

const WATCH_MS = 60_000;

function drawn(story: Story, share: number, back: number, rng: Rng): number {
  const noise = Math.exp((rng.next() + rng.next() + rng.next() - 1.5) * 0.16);
  switch (story) {
    case 'step':
      return 640 * (back <= 12 ? 1.22 : 1) * noise;
    case 'suspected':
      return 240 * (back <= 5 ? 1.2 : 1) * noise;
    case 'better':
      return 1900 * (share > 0.8 ? 0.74 : 1) * noise;
    case 'drift':
      return 90 * (1 + 0.45 * share) * noise;
    case 'spikes':
      return 120 * noise * (rng.next() < 0.05 ? 6 + rng.next() * 30 : 1);
    case 'recovery':
      return Math.min(WATCH_MS, (rng.next() < 0.08 ? 80_000 : 17_000) * noise);
    case 'recovered-share':
      return rng.next() < 0.12 ? 2 / 3 : 1;
    case 'share':
      return 0.0021 * noise;
    case 'rate':
      return Math.round(410 * noise);
    default:
      return 46 * noise;
  }
}

function oneSeries(nights: readonly Night[], story: Story, rng: Rng, isHeadline: boolean): TrendSeries {
  const kind = KINDS[story] ?? 'time';
  const values = nights.map((night, at): SeriesNight => {
    const gap = gapOf(night, at, story, nights.length, rng);
    if (gap !== null) return { night: night.id, value: null, low: null, high: null, censored: false, gap };
    const value = drawn(story, at / nights.length, nights.length - at, rng);
    const censored = story === 'recovery' && value >= WATCH_MS;
    const bounds = kind === 'recovered-share' ? { low: value - 0.3, high: 1 } : estimate(rng, value, 0.06);
    const isOpen = censored || kind === 'rate';
    return {
      night: night.id,
      value,
      censored,
      gap: null,
      low: isOpen ? null : bounds.low,
      high: isOpen ? null : bounds.high,
    };
  });
  const changes = nights.length < 12 ? [] : changesOf(story, nights);
  const state =
    nights.length < 12 || story === 'young'
      ? 'insufficient'
      : story === 'drift'
        ? 'not-testable'
        : (changes.at(-1)?.state ?? 'steady');
  return {
    id: '',
    kind,
    isHeadline,
    nights: values,
    state,
    comparable: values.filter((one) => one.value !== null).length,
    lag1: story === 'drift' ? 0.52 : 0.04,
    changes,
    pin: story === 'young' || nights.length < 12 ? null : pinOf(story, nights),
    recent: null,
    pooled: null,
    sentence: '',
  };
}

function gapOf(night: Night, at: number, story: Story, count: number, rng: Rng): string | null {
  if (!hasNumbers(night)) return `the night is ${night.status}`;
  if (story === 'young' && count - at > 8) return 'the campaign had no such flow';
  if (story === 'rate' && at % 4 !== 0) return 'no search for the highest rate';
  return story === 'recovery' && rng.next() < 0.02 ? 'the fault was not injected' : null;
}

function changesOf(story: Story, nights: readonly Night[]): readonly SeriesChange[] {
  const at = (back: number): string => nights[Math.max(0, nights.length - back)]?.id ?? '';
  const sure = { pT: 0.0002, pRank: 0.003 };
  if (story === 'step')
    return [
      {
        at: at(12),
        state: 'confirmed',
        before: 640,
        after: 781,
        shift: 0.22,
        text: '+22 %',
        isWorse: true,
        isNew: true,
        ...sure,
      },
    ];
  if (story === 'suspected')
    return [
      {
        at: at(5),
        state: 'suspected',
        before: 240,
        after: 288,
        shift: 0.2,
        text: '+20 %',
        isWorse: true,
        isNew: false,
        pT: 0.0004,
        pRank: 0.03,
      },
    ];
  if (story === 'better')
    return [
      {
        at: at(Math.ceil(nights.length * 0.2)),
        state: 'confirmed',
        before: 1900,
        after: 1406,
        shift: -0.26,
        text: '−26 %',
        isWorse: false,
        isNew: false,
        ...sure,
      },
    ];
  return [];
}

function pinOf(story: Story, nights: readonly Night[]): PinComparison {
  const night = nights[Math.floor(nights.length * 0.66)]?.id ?? '';
  if (story === 'step') return { night, ratio: 1.21, low: 1.12, high: 1.31, status: 'FAIL' };
  if (story === 'share' || story === 'recovered-share')
    return { night, ratio: 0.0002, low: -0.0006, high: 0.001, status: 'PASS' };
  return { night, ratio: 1.03, low: 0.97, high: 1.1, status: story === 'drift' ? 'INCONCLUSIVE' : 'PASS' };
}

/** As the sentences of a real trend, which begin with its name. */
function sentenceOf(name: string, { state, changes, kind, pin, comparable }: TrendSeries): string {
  const newest = changes.at(-1);
  const said = {
    confirmed: `${name} ${newest?.isWorse ? 'rose' : 'fell'} by ${newest?.text.slice(1)} on ${DAY}, confirmed`,
    suspected: `${name} ${newest?.isWorse ? 'rose' : 'fell'} by ${newest?.text.slice(1)} on ${DAY}, suspected`,
    'not-testable': `${name}: nights are not independent (lag-1 correlation 0.52), so that no change can be told from chance: pin a reference`,
    insufficient: `${name}: insufficient history, ${comparable} of 12 comparable nights`,
    steady: `${name} is steady over ${comparable} comparable nights`,
  }[state];
  const pooled =
    kind === 'recovery'
      ? '; recovered in 55 of 60 rounds (92 %, 95 % interval 82 to 96 %), median 17.1 s (16.2 s to 18.4 s)'
      : '';
  const pinned =
    pin?.status === 'FAIL' ? '; 21 % above the pinned night of 2026-07-27 (95 % interval 12 to 31 %)' : '';
  return said + pooled + pinned;
}

const DAY = '2026-11-17';
