/**
 * A run as plain lines, for logs and CI: one per event, and a status line that the caller asks for every 5 s.
 */
import type { RunEvent } from '../../core/events.ts';
import type { LiveFlow } from '../../core/live-flow.ts';
import { plain } from '../../core/plain.ts';
import { formatMs } from '../../core/units.ts';
import { eventText } from '../event-text.ts';
import { formatCount, formatElapsed, formatRate, formatRatio, formatUtcTime } from '../format.ts';
import type { LiveState } from './state.ts';

/** `03:12:08Z kill-pod: applied`; null for events that only the files need (resource usage). */
export function renderLine(event: RunEvent): string | null {
  return event.kind === 'harness-usage' ? null : `${formatUtcTime(event.at)}Z ${eventText(event)}`;
}

/**
 * `03:12:33Z 00:25 baseline: 149.2/s of 150/s, most failed web.orders 12%, slowest P99 web.orders 532 ms, 0
 * dropped`
 */
export function renderStatus(state: LiveState): string {
  const { flows, startedAt, now } = state;
  const clock = startedAt === null ? '' : `${formatUtcTime(now)}Z ${formatElapsed(now - startedAt)} `;
  const phase = `${clock}${plain(state.phase ?? 'starting')}`;
  if (flows.length === 0) return `${phase}: no arrival yet`;
  const total = (of: (flow: LiveFlow) => number): number => flows.reduce((sum, flow) => sum + of(flow), 0);
  const most = (of: (flow: LiveFlow) => number): LiveFlow =>
    flows.reduce((worst, flow) => (of(flow) > of(worst) ? flow : worst));
  const failing = most((flow) => flow.failedRatio ?? 0);
  const share = failing.failedRatio ?? 0;
  const slow = most((flow) => flow.p99 ?? -1);
  const attained = formatRate(total((flow) => flow.attainedRate));
  const rate = `${attained} of ${formatRate(total((flow) => flow.dueRate))}`;
  const failed =
    share > 0
      ? `most failed ${plain(failing.flow)} ${formatRatio(share)}`
      : slow.p99 === null
        ? 'no answer yet'
        : 'none failed';
  const slowest = slow.p99 === null ? '' : `, slowest P99 ${plain(slow.flow)} ${formatMs(slow.p99)}`;
  const dropped = formatCount(total((flow) => flow.droppedTotal));
  return `${phase}: ${rate}, ${failed}${slowest}, ${dropped} dropped`;
}
