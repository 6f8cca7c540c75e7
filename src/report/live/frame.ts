/** The rows of a live frame, as words with a tone each; cut to the width before colouring. */
import pc from 'picocolors';
import type { RunEvent } from '../../core/events.ts';
import type { LiveFlow } from '../../core/live-flow.ts';
import { plain } from '../../core/plain.ts';
import { formatMs } from '../../core/units.ts';
import { eventText } from '../event-text.ts';
import {
  formatCount,
  formatElapsed,
  formatOffset,
  formatRate,
  formatRatio,
  formatUtcTime,
  NONE,
} from '../format.ts';
import { type Tone, toneOfStatus, tonePainter } from '../tone.ts';
import { FAULT_STAGES, type LiveFault, type LiveState } from './state.ts';

export interface FrameSize {
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
}

interface Word {
  readonly text: string;
  readonly tone: Tone;
}

export type Row = readonly Word[];

const word = (text: string, tone: Tone = 'plain'): Word => ({ text, tone });
const BLANK: Row = [];

/** Cut with `…` at the width, then coloured: an escape sequence is never counted or cut. */
export function paintRow(row: Row, size: FrameSize): string {
  const paint = tonePainter(pc.createColors(size.color));
  let left = size.width;
  let line = '';
  for (const { text, tone } of row) {
    const letters = [...text];
    const cut =
      letters.length > left ? [...letters.slice(0, Math.max(0, left - 1)), left > 0 ? '…' : ''] : letters;
    line += paint(cut.join(''), tone);
    left -= cut.length;
    if (cut !== letters) break;
  }
  return line;
}

/**
 * The usual remaining time; when that has passed, an upper bound: recovery is watched only as long as needed.
 */
function timeLeft({ expectedMs, longestMs, verdict }: LiveState, elapsed: number): string {
  if (longestMs === null || verdict !== null) return '';
  return expectedMs !== null && elapsed < expectedMs
    ? `, about ${formatElapsed(expectedMs - elapsed)} left`
    : `, at most ${formatElapsed(longestMs - elapsed)} left`;
}

/** Campaign, time and phase. */
export function headerRows(state: LiveState): Row[] {
  const title = state.campaign === null ? 'starting' : plain(`${state.campaign} on ${state.target ?? '?'}`);
  const elapsed = state.startedAt === null ? 0 : state.now - state.startedAt;
  const left = timeLeft(state, elapsed);
  const since = state.phaseSince === null ? '' : ` for ${formatElapsed(state.now - state.phaseSince)}`;
  return [
    [word('Gauntlet ', 'soft'), word(title, 'strong'), word(`  ${formatElapsed(elapsed)}${left}`)],
    [word('phase ', 'soft'), word(plain(state.phase ?? 'before load'), 'strong'), word(since, 'soft')],
    BLANK,
  ];
}

interface Column {
  readonly title: string;
  /** Below this width of the terminal the column is left out. */
  readonly from: number;
  cell(flow: LiveFlow): Word;
}

/** A generator on schedule starts at least 99 % of what is due; the judge uses the same limit. */
const ATTAINED = 0.99;

const COLUMNS: readonly Column[] = [
  {
    title: 'rate',
    from: 0,
    cell: (flow) => {
      const attained = formatRate(flow.attainedRate).replace('/s', '');
      const behind = flow.attainedRate < flow.dueRate * ATTAINED;
      return word(`${attained} of ${formatRate(flow.dueRate)}`, behind ? 'warn' : 'plain');
    },
  },
  { title: 'P50', from: 78, cell: (flow) => word(formatMs(flow.p50)) },
  { title: 'P95', from: 60, cell: (flow) => word(formatMs(flow.p95)) },
  { title: 'P99', from: 0, cell: (flow) => word(formatMs(flow.p99), 'strong') },
  {
    title: 'failed',
    from: 0,
    cell: (flow) => {
      const share = flow.failedRatio ?? 0;
      // Without an answer a share of 0 is not "none failed".
      if (flow.p99 === null && share === 0) return word(NONE);
      return word(formatRatio(share), share > 0 ? 'bad' : 'plain');
    },
  },
  {
    title: 'dropped',
    from: 50,
    cell: (flow) => word(formatCount(flow.droppedTotal), flow.droppedTotal > 0 ? 'warn' : 'plain'),
  },
];

const GAP = 2;

const lengthOf = (text: string): number => [...text].length;

function fit(text: string, width: number): string {
  const letters = [...text];
  const cut = letters.length > width ? `${letters.slice(0, width - 1).join('')}…` : text;
  return cut + ' '.repeat(Math.max(0, width - lengthOf(cut)));
}

/** The flows that fit; the last row counts the others. */
export function flowRows(state: LiveState, width: number, room: number): Row[] {
  if (state.flows.length === 0) return [];
  const columns = COLUMNS.filter((column) => width >= column.from).map((column) => {
    const cells = state.flows.map((flow) => column.cell(flow));
    // Seven places hold most values, so that columns do not move while numbers change.
    const widest = Math.max(7, column.title.length, ...cells.map((cell) => lengthOf(cell.text)));
    return { title: column.title.padStart(widest + GAP), cells, width: widest + GAP };
  });
  const names = state.flows.map((flow) => plain(flow.flow));
  const rest = width - columns.reduce((sum, column) => sum + column.width, 0);
  const nameWidth = Math.max(8, Math.min(rest, Math.max(4, ...names.map(lengthOf))));
  const rows = names.map(
    (name, index): Row => [
      word(fit(name, nameWidth)),
      ...columns.map((column) => {
        const cell = column.cells[index] ?? word('');
        return word(cell.text.padStart(column.width), cell.tone);
      }),
    ],
  );
  const places = Math.max(1, room - 2);
  const shown = rows.length <= places ? rows : rows.slice(0, places - 1);
  const hidden = rows.length - shown.length;
  const head: Row = [fit('flow', nameWidth), ...columns.map((column) => column.title)].map((text) =>
    word(text, 'soft'),
  );
  const more: Row[] = hidden === 0 ? [] : [[word(`… ${hidden} more flows`, 'soft')]];
  return [head, ...shown, ...more, BLANK];
}

/** Wide enough for both `● recovered` and `+1:02:41.5`. */
const STAGE_WIDTH = 13;

/** Names above, times below, so that five stages fit 80 columns. */
function stageRows(fault: LiveFault, startedAt: number): Row[] {
  const cells = FAULT_STAGES.map((stage) => {
    const at = fault.reached[stage];
    const healed = stage === 'removed' || stage === 'recovered';
    const tone: Tone = at === undefined ? 'soft' : healed ? 'good' : 'warn';
    const time = at === undefined ? '' : formatOffset(at, startedAt);
    return { name: `${at === undefined ? '○' : '●'} ${stage}`, time, tone };
  });
  const row = (text: (cell: (typeof cells)[number]) => string): Row =>
    cells.map((cell) => word(fit(`  ${text(cell)}`, STAGE_WIDTH + 2), cell.tone));
  return [row((cell) => cell.name), row((cell) => `  ${cell.time}`)];
}

function outcomeWords(fault: LiveFault): Word[] {
  if (fault.trouble === 'residue') return [word('  RESIDUE: not proven removed', 'bad')];
  if (fault.trouble === 'not injected') return [word('  NOT injected', 'bad')];
  if (fault.done !== null && fault.done !== 'recovered') {
    return [word(`  ${fault.done}`, fault.done === 'not recovered' ? 'bad' : 'soft')];
  }
  return fault.undoing ? [word('  undoing', 'warn')] : [];
}

/** The current faults: their stages with the times at which they were reached. */
export function faultRows(state: LiveState): Row[] {
  if (state.fault === null) return [];
  const planned = (one: LiveFault): number => one.reached.planned ?? 0;
  // In planned order, whichever was reported last.
  const all = [...state.beside, state.fault].sort((a, b) => planned(a) - planned(b));
  const of = state.faultsPlanned === null ? '' : ` of ${state.faultsPlanned}`;
  const rows = all.flatMap((fault, index): Row[] => {
    const number = `fault ${state.faultsSeen - all.length + 1 + index}${of} `;
    const victims = fault.victims.length === 0 ? '' : ` on ${plain(fault.victims.join(', '))}`;
    const back = Object.keys(fault.recovered);
    return [
      [word(number, 'soft'), word(plain(fault.name), 'strong'), word(victims), ...outcomeWords(fault)],
      ...stageRows(fault, state.startedAt ?? state.now),
      ...(back.length === 0 ? [] : [[word('  back: ', 'soft'), word(plain(back.join(', ')))]]),
    ];
  });
  return [...rows, BLANK];
}

const EVENT_TONES: Readonly<Partial<Record<RunEvent['kind'], Tone>>> = {
  'fault-injected': 'warn',
  'fault-not-injected': 'bad',
  'fault-removed': 'good',
  'fault-residue': 'bad',
  recovered: 'good',
  relapsed: 'bad',
  abort: 'bad',
  failed: 'bad',
  interrupted: 'bad',
};

export function eventRows(state: LiveState, room: number): Row[] {
  if (room <= 0) return [];
  return state.recent
    .slice(-room)
    .map((event) => [
      word(`${formatUtcTime(event.at)}Z `, 'soft'),
      word(eventText(event), EVENT_TONES[event.kind]),
    ]);
}

export function hintRow(state: LiveState): Row {
  if (state.verdict !== null) {
    return [word('verdict ', 'soft'), word(state.verdict.status, toneOfStatus(state.verdict.status))];
  }
  if (state.stopping !== null) {
    return [word('stopping and undoing: ', 'warn'), word(plain(state.stopping), 'strong')];
  }
  return [word('Ctrl-C = stop and undo', 'soft')];
}
