/** The rows of a live frame, as words with a tone each; cut to the width before any colour is put on. */
import pc from 'picocolors';
import { formatMs } from '../core/units.ts';
import { plain } from './escape.ts';
import { eventText } from './event-text.ts';
import {
  formatCount,
  formatElapsed,
  formatOffset,
  formatRate,
  formatRatio,
  formatUtcTime,
} from './format.ts';
import { type LiveFault, type LiveFlow, type LiveState, STAGES, type Stage } from './live-state.ts';
import { type Tone, toneOfStatus, tonePainter } from './tone.ts';

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

/** Campaign, time and phase. The time left is an upper bound, because recovery is watched only as long as needed. */
export function headerRows(state: LiveState): Row[] {
  const title = state.campaign === null ? 'starting' : plain(`${state.campaign} on ${state.target ?? '?'}`);
  const elapsed = state.startedAt === null ? 0 : state.now - state.startedAt;
  const left =
    state.longestMs === null || state.verdict !== null
      ? ''
      : `, at most ${formatElapsed(state.longestMs - elapsed)} left`;
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

/** A generator that keeps up starts at least 99 % of what is due; the judge holds the same limit. */
const ATTAINED = 0.99;

const COLUMNS: readonly Column[] = [
  {
    title: 'rate',
    from: 0,
    cell: (flow) =>
      word(formatRate(flow.attained), flow.attained < flow.targetRate * ATTAINED ? 'warn' : 'plain'),
  },
  { title: 'target', from: 70, cell: (flow) => word(formatRate(flow.targetRate), 'soft') },
  { title: 'P50', from: 100, cell: (flow) => word(formatMs(flow.p50)) },
  { title: 'P95', from: 60, cell: (flow) => word(formatMs(flow.p95)) },
  { title: 'P99', from: 0, cell: (flow) => word(formatMs(flow.p99), 'strong') },
  {
    title: 'failed',
    from: 0,
    cell: (flow) => word(formatRatio(flow.failedRatio), flow.failedRatio > 0 ? 'bad' : 'plain'),
  },
  {
    title: 'dropped',
    from: 50,
    cell: (flow) => word(formatCount(flow.droppedTotal), flow.droppedTotal > 0 ? 'warn' : 'plain'),
  },
];

const CELL = 11;

/** The flows that fit; the last row says how many did not. */
export function flowRows(state: LiveState, width: number, room: number): Row[] {
  if (state.flows.length === 0) return [];
  const columns = COLUMNS.filter((column) => width >= column.from);
  const names = state.flows.map((flow) => plain(flow.flow));
  const nameWidth = Math.max(
    8,
    Math.min(width - columns.length * CELL, Math.max(...names.map((name) => [...name].length))),
  );
  const fit = (name: string): string => {
    const letters = [...name];
    return (letters.length > nameWidth ? `${letters.slice(0, nameWidth - 1).join('')}…` : name).padEnd(
      nameWidth,
    );
  };
  const head: Row = [
    word(fit('flow'), 'soft'),
    ...columns.map((column) => word(column.title.padStart(CELL), 'soft')),
  ];
  const rows = state.flows.map(
    (flow, index): Row => [
      word(fit(names[index] ?? '')),
      ...columns.map((column) => {
        const cell = column.cell(flow);
        return word(cell.text.padStart(CELL), cell.tone);
      }),
    ],
  );
  const places = Math.max(1, room - 2);
  const shown = rows.length <= places ? rows : rows.slice(0, places - 1);
  const hidden = rows.length - shown.length;
  const more: Row[] = hidden === 0 ? [] : [[word(`… ${hidden} more flows`, 'soft')]];
  return [head, ...shown, ...more, BLANK];
}

const MARKS: Readonly<Record<'reached' | 'open', string>> = { reached: '●', open: '○' };

function stageWords(fault: LiveFault, stage: Stage, startedAt: number): Word[] {
  const at = fault.reached[stage];
  const mark = at === undefined ? MARKS.open : MARKS.reached;
  const time = at === undefined ? '' : ` ${formatOffset(at, startedAt)}`;
  const tone: Tone =
    at === undefined ? 'soft' : stage === 'recovered' || stage === 'removed' ? 'good' : 'warn';
  return [word(`${mark} ${stage}${time}`, tone)];
}

function outcomeWords(fault: LiveFault): Word[] {
  if (fault.trouble === 'residue') return [word('  RESIDUE: not proven removed', 'bad')];
  if (fault.trouble === 'not injected') return [word('  NOT injected', 'bad')];
  if (fault.done !== null && fault.done !== 'recovered') {
    return [word(`  ${fault.done}`, fault.done === 'not recovered' ? 'bad' : 'soft')];
  }
  return fault.undoing ? [word('  undoing', 'warn')] : [];
}

/** The fault of the moment: its stages with the times at which they were reached. */
export function faultRows(state: LiveState): Row[] {
  const { fault } = state;
  if (fault === null) return [];
  const number = `fault ${state.faultsSeen}${state.faultsPlanned === null ? '' : ` of ${state.faultsPlanned}`} `;
  const victims = fault.victims.length === 0 ? '' : plain(` on ${fault.victims.join(', ')}`);
  const stages = STAGES.flatMap((stage, index) => [
    word(index === 0 ? '  ' : ' → ', 'soft'),
    ...stageWords(fault, stage, state.startedAt ?? state.now),
  ]);
  return [
    [word(number, 'soft'), word(plain(fault.name), 'strong'), word(victims), ...outcomeWords(fault)],
    stages,
    ...(fault.recovered.length === 0
      ? []
      : [[word('  back: ', 'soft'), word(plain(fault.recovered.join(', ')))]]),
    BLANK,
  ];
}

export function eventRows(state: LiveState, room: number): Row[] {
  if (room <= 0) return [];
  return state.recent
    .slice(-room)
    .map((event) => [word(`${formatUtcTime(event.at)}Z `, 'soft'), word(eventText(event))]);
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
