/** A run as plain lines, for logs and CI: one per event, and a status line that the caller asks for every 5 s. */
import type { RunEvent } from '../core/events.ts';
import { formatMs } from '../core/units.ts';
import { plain } from './escape.ts';
import { eventText } from './event-text.ts';
import { formatElapsed, formatRate, formatRatio, formatUtcTime, NONE } from './format.ts';
import type { LiveState } from './live-state.ts';

/** `03:12:08Z kill-pod: applied`; null for what only the files need (resource usage). */
export function renderLine(event: RunEvent): string | null {
  return event.kind === 'harness-usage' ? null : `${formatUtcTime(event.at)}Z ${eventText(event)}`;
}

/** `03:12:33Z 00:25 baseline | gateway.intentions 99.8/s of 100/s P99 71.4 ms failed 0% dropped 0 | ...` */
export function renderStatus(state: LiveState): string {
  const elapsed = state.startedAt === null ? NONE : formatElapsed(state.now - state.startedAt);
  const clock = state.startedAt === null ? '' : `${formatUtcTime(state.now)}Z `;
  const flows = state.flows.map((flow) => {
    const rate = `${formatRate(flow.attained)} of ${formatRate(flow.targetRate)}`;
    const bad = `failed ${formatRatio(flow.failedRatio)} dropped ${flow.droppedTotal}`;
    return `${plain(flow.flow)} ${rate} P99 ${formatMs(flow.p99)} ${bad}`;
  });
  return [`${clock}${elapsed} ${plain(state.phase ?? 'starting')}`, ...flows].join(' | ');
}
