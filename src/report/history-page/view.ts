/** What the history page shows of one trend, and how its parts are addressed. */
import type { Night } from '../../core/night.ts';
import type { Trend } from '../../core/trend.ts';
import type { Reason } from '../../core/verdict.ts';

/** Where a night's report is. */
export type NightReport =
  /** In the folder of the page, relative to it. */
  | { readonly kind: 'copied'; readonly href: string }
  /** `http:` or `https:`, as the night recorded it. */
  | { readonly kind: 'linked'; readonly href: string }
  /** Recorded as something that no browser opens from here, such as a path on another machine. */
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'not-kept' };

export interface PageTrend {
  readonly trend: Trend;
  /** By id of the night. */
  readonly reports: ReadonlyMap<string, NightReport>;
}

/** Unique on a page, and stable when other trends come: it is in shared links. */
export const keyOf = ({ campaign, environment }: Trend): string => `${campaign}/${environment}`;

/** The id of the section of a trend; unstable, so it is in no shared link. */
export const sectionId = (index: number): string => `history-${index + 1}`;

export const reportOf = ({ reports }: PageTrend, night: Night): NightReport =>
  reports.get(night.id) ?? { kind: 'not-kept' };

export const hrefOf = (report: NightReport): string | null =>
  report.kind === 'copied' || report.kind === 'linked' ? report.href : null;

/** The reason that decided: the first of the night's own status. */
export const firstReason = ({ reasons, status }: Night): Reason | null =>
  reasons.find((reason) => reason.status === status) ?? reasons[0] ?? null;

/** `2026-11-21 03:12 UTC`: nobody looks for the second of a night. Text that is no date stays as it is. */
export function nightTime(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export const nightDay = (text: string): string => nightTime(text).slice(0, 10);

/** By id, for the few places that name a night. */
export const nightOf = ({ nights }: Trend, id: string): Night | undefined =>
  nights.find((night) => night.id === id);

/** `1 night`, `2 nights`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
