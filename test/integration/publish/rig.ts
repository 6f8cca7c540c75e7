/** What the tests of receivers share: a clock that does not wait, a state folder, and nights. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../src/core/clock.ts';
import type { Night, NightFault } from '../../../src/core/night.ts';
import type { Receivers } from '../../../src/core/receivers.ts';
import type { Trend } from '../../../src/core/trend.ts';
import { epochMs } from '../../../src/core/units.ts';
import type { MetricsInput } from '../../../src/report/metrics/samples.ts';
import { type Published, type PublishRequest, push } from '../../../src/run/publish/publish-night.ts';
import { aNight } from '../../unit/run/history/a-night.ts';

/** Waits are noted, and over at once. */
export interface Waits extends Clock {
  readonly waited: number[];
}

export function noWaits(): Waits {
  const waited: number[] = [];
  return {
    waited,
    now: () => epochMs(1_800_000_000_000),
    wall: () => epochMs(1_800_000_000_000),
    async sleep(duration, signal) {
      signal?.throwIfAborted();
      waited.push(duration);
    },
  };
}

export interface Rig {
  readonly clock: Waits;
  readonly env: Record<string, string>;
  readonly state: string;
  push(
    receivers: Receivers,
    input: MetricsInput,
    given?: Partial<PublishRequest>,
  ): Promise<readonly Published[]>;
  request(receivers: Receivers, input: MetricsInput, given?: Partial<PublishRequest>): PublishRequest;
  close(): void;
}

export function rig(): Rig {
  const state = mkdtempSync(join(tmpdir(), 'gauntlet-push-'));
  const clock = noWaits();
  const env: Record<string, string> = {};
  const request: Rig['request'] = (receivers, input, given) => ({
    ...{ receivers, input, env, places: { state }, always: false, clock },
    ...{ signal: new AbortController().signal, ...given },
  });
  return {
    ...{ clock, env, state, request },
    push: (...given) => push(request(...given)),
    close: () => rmSync(state, { recursive: true, force: true }),
  };
}

export const alone = (night: Night): MetricsInput => ({ night, plan: null, result: null, trend: null });

export const withHistory = (nights: readonly Night[], given: Partial<Trend> = {}): MetricsInput => ({
  night: nights.at(-1) as Night,
  plan: null,
  result: null,
  trend: {
    ...{ campaign: 'nightly', environment: 'staging', nights, segments: [], pinned: null, series: [] },
    ...{ quarantine: [], status: null, headline: `${nights.at(-1)?.status}: the headline`, ...given },
  },
});

export const fault = (given: Partial<NightFault> = {}): NightFault => ({
  ...{ name: 'kill-pod', kind: 'kill-pod', victim: 'shop-2', status: 'injected' },
  ...{ injectedAt: 1_796_000_000_123.4, removedAt: 1_796_000_008_456.6, whyNotInjected: null },
  ...given,
});

export const night = (
  day: number,
  status: Night['status'],
  given: Parameters<typeof aNight>[0] = {},
): Night =>
  aNight({
    ...{ startedAt: `2026-11-${String(day).padStart(2, '0')}T02:00:00.000Z`, status, runStatus: status },
    ...{ endedAt: `2026-11-${String(day).padStart(2, '0')}T02:20:00.000Z` },
    reasons: [{ status, text: `because of ${day}` }],
    ...given,
  });
