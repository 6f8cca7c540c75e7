/** Words and tones of a trend and its series: a colour never says more than its word. */
import type { Trend, TrendSeries } from '../../core/trend.ts';
import { type Tone, toneOfStatus } from '../tone.ts';

export interface Said {
  readonly text: string;
  readonly tone: Tone;
}

const MEANING: Readonly<Record<'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'none', string>> = {
  PASS: 'No new worsening, and nothing above the pinned reference.',
  FAIL: 'A worsening is confirmed and new, or the pinned reference is exceeded.',
  INCONCLUSIVE: 'A headline series may have become worse, or cannot be tested.',
  none: 'There are too few comparable nights for an answer. This is no pass.',
};

export const trendWord = ({ status }: Trend): Said =>
  status === null
    ? { text: 'insufficient history', tone: 'warn' }
    : { text: status, tone: toneOfStatus(status) };

export const trendMeaning = ({ status }: Trend): string => MEANING[status ?? 'none'];

/** A series is as its newest change says; older ones are in its list. */
export function seriesWord({ state, changes }: TrendSeries): Said {
  const newest = changes.findLast((change) => change.state === state);
  const direction = newest === undefined ? '' : newest.isWorse ? ', worse' : ', better';
  switch (state) {
    case 'confirmed':
      return { text: `confirmed${direction}`, tone: newest?.isWorse === false ? 'good' : 'bad' };
    case 'suspected':
      return { text: `suspected${direction}`, tone: 'warn' };
    case 'not-testable':
      return { text: 'not testable', tone: 'warn' };
    case 'insufficient':
      return { text: 'insufficient history', tone: 'soft' };
    case 'steady':
      return { text: 'steady', tone: 'good' };
  }
}

/** What the value of a kind is, and where it is good: a picture alone does not tell. */
export const KIND_WORDS: Readonly<Record<TrendSeries['kind'], string>> = {
  time: 'response time; lower is better',
  share: 'share; lower is better',
  recovery: 'recovery time since injection; lower is better',
  'recovered-share': 'share that recovered; higher is better',
  rate: 'rate; higher is better',
  count: 'instances; higher is better',
  ratio: 'response time to that of a reference; lower is better',
};
