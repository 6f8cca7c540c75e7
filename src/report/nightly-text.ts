/** What a terminal says of a night after the summary of its run; the answer is the last line. */
import type { Night } from '../core/night.ts';
import { plain } from '../core/plain.ts';
import type { Trend } from '../core/trend.ts';
import type { Reason, VerdictStatus } from '../core/verdict.ts';

export interface NightlySaid {
  readonly night: Night;
  readonly setAside: readonly Reason[];
  readonly quarantine: string | null;
  /** A sentence for each entry of the quarantine that has passed long enough. */
  readonly mayLeave: readonly string[];
  readonly trend: Trend;
  /** The worst of the night and of what the trend fails. */
  readonly status: VerdictStatus;
  readonly publications: readonly {
    readonly what: string;
    readonly status: 'pushed' | 'nothing-to-do' | 'failed';
    readonly text: string;
  }[];
}

const MOST_SENTENCES = 5;

export function nightlyText(said: NightlySaid): string {
  const { trend, setAside, quarantine, mayLeave, publications } = said;
  return [
    ...setAside.map(({ text }) => `In quarantine, does not decide: ${text}`),
    ...(quarantine === null ? [] : [`Quarantine: ${quarantine}`]),
    ...mayLeave.map((text) => `Quarantine: ${text}`),
    ...(said.night.reference === undefined ? [] : [referenceLine(said.night.reference)]),
    `Trend: ${trend.headline}`,
    ...changed(trend),
    ...publications.map(publication),
    answer(said),
  ]
    .map(plain)
    .join('\n');
}

const referenceLine = ({ target, status, sentence }: NonNullable<Night['reference']>): string =>
  `Against ${target}: ${status}: ${sentence}`;

/** What this night tells for the first time. */
function changed({ series }: Trend): readonly string[] {
  const told = series.filter((one) =>
    one.changes.some((change) => change.state === 'confirmed' && change.isNew),
  );
  const more = told.length - MOST_SENTENCES;
  return [
    ...told.slice(0, MOST_SENTENCES).map((one) => `Changed: ${one.sentence}`),
    ...(more > 0 ? [`Changed: ${more} more series`] : []),
  ];
}

const PUBLISHED = { pushed: 'Published', 'nothing-to-do': 'Nothing to do', failed: 'NOT published' } as const;

const publication = ({ what, status, text }: NightlySaid['publications'][number]): string =>
  `${PUBLISHED[status]}: ${what} ${text}`;

/** Both parts, where they differ: a night may pass while its history fails. */
function answer({ night, status, trend }: NightlySaid): string {
  const [reason] = night.reasons.filter((one) => one.status === night.status);
  const parts = [
    `night ${night.status}`,
    ...(night.runStatus === night.status ? [] : [`its run ${night.runStatus}`]),
    `trend ${trend.status ?? 'without an answer yet'}`,
  ];
  const isReason = status === night.status && status !== 'PASS' && reason !== undefined;
  const why = isReason ? `: ${reason.text}` : '';
  return `${status} (${parts.join(', ')})${why}`;
}
