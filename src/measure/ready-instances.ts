/**
 * The smallest number of ready instances of a service in a phase. It is known only where the platform was
 * watched for the whole phase: a number that was seen can miss a limit, but only a whole watch can meet one.
 */
import { eventsOf, type RunEvent } from '../core/events.ts';
import type { Phase } from '../core/result.ts';
import { compare } from './abort.ts';
import { type Finding, type Limit, noData } from './finding.ts';

interface Gap {
  readonly from: number;
  /** Null: for the rest of the run. */
  readonly to: number | null;
  readonly why: string;
}

/** What the events of a run say about one service. */
export interface ReadyTimeline {
  /** In order of time: from `at` on there were so many. */
  readonly changes: readonly { readonly at: number; readonly ready: number }[];
  readonly gaps: readonly Gap[];
  /** Up to which instant the watch is complete; null: it was not closed. */
  readonly until: number | null;
}

export function readyTimeline(events: readonly RunEvent[], service: string): ReadyTimeline {
  const own = <One extends { readonly service: string }>(all: readonly One[]): readonly One[] =>
    all.filter((one) => one.service === service);
  return {
    changes: own(eventsOf(events, 'instances-ready'))
      .map(({ since, ready }) => ({ at: since, ready }))
      .sort((a, b) => a.at - b.at),
    gaps: own(eventsOf(events, 'instances-unwatched')),
    until: own(eventsOf(events, 'instances-watched')).at(-1)?.until ?? null,
  };
}

export interface ReadyFacts {
  /** The phases of this name, one a round. */
  rounds(phase: string): readonly Phase[];
  /** What was seen of the instances of a service. */
  ready(service: string): ReadyTimeline;
}

export function judgeReady(
  objective: Limit,
  service: string,
  phase: string,
  facts: Partial<ReadyFacts>,
): Finding {
  const rounds = facts.rounds?.(phase) ?? [];
  if (rounds.length === 0) return noData(`the run had no phase ${phase}`);
  const timeline = facts.ready?.(service) ?? { changes: [], gaps: [], until: null };
  const seen = rounds.flatMap(({ from, to }) => numbersIn(timeline, from, to));
  const [unseen] = rounds.flatMap(({ from, to }) => unseenIn(timeline, from, to) ?? []);
  if (seen.length === 0)
    return noData(`ready instances of ${service} were not watched: ${unseen ?? 'no event'}`);
  const least = Math.min(...seen);
  const found = { observed: least, interval: null, samples: seen.length };
  if (!compare(least, objective.comparison, objective.limit)) return { ...found, status: 'FAIL', note: null };
  if (unseen === undefined) return { ...found, status: 'PASS', note: null };
  return { ...found, status: 'INCONCLUSIVE', note: `not watched all the time: ${unseen}` };
}

/** The number at its start, and after each change in it. */
function numbersIn({ changes }: ReadyTimeline, from: number, to: number): readonly number[] {
  const before = changes.findLast(({ at }) => at <= from);
  const inside = changes.filter(({ at }) => at > from && at < to);
  return [...(before ? [before] : []), ...inside].map(({ ready }) => ready);
}

/** Why the number was not known for the whole time; undefined: it was. */
function unseenIn({ changes, gaps, until }: ReadyTimeline, from: number, to: number): string | undefined {
  const gap = gaps.find((one) => one.from < to && (one.to ?? Number.POSITIVE_INFINITY) > from);
  if (gap !== undefined) return gap.why;
  const [first] = changes;
  if (first === undefined || first.at > from) return 'the watch began later';
  if (until === null) return 'the run was cut off';
  return until < to ? 'the watch ended before the phase' : undefined;
}
