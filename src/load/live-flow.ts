/** The last seconds of a flow as a person watches them. */
import type { Ms } from '../core/units.ts';
import type { Windowed } from '../measure/live-window.ts';
import type { LiveFlow } from './load-contract.ts';

export function liveFlow(window: Windowed, width: Ms): LiveFlow {
  const inMs = (quantile: number): number | null => {
    const value = window.quantileUs(quantile);
    return value === null ? null : value / 1000;
  };
  return {
    dueRate: (window.due * 1000) / width,
    attainedRate: (window.started * 1000) / width,
    p50: inMs(0.5),
    p95: inMs(0.95),
    p99: inMs(0.99),
    failedRatio: window.due === 0 ? null : window.bad / window.due,
    dropped: window.dropped,
  };
}
