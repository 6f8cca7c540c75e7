/** The quarantine of a history on a terminal: one block an entry, with what to do about it. */
import { plain } from '../core/plain.ts';
import type { QuarantineState } from '../core/quarantine-state.ts';

const LETTERS: Readonly<Record<QuarantineState['outcomes'][number], string>> = {
  pass: 'pass',
  fail: 'FAIL',
  gap: 'no answer',
};

/** @param where as the user wrote it. */
export function quarantineText(where: string, states: readonly QuarantineState[]): string {
  if (states.length === 0) return `${plain(where)}: nothing is or was in quarantine.`;
  return states.flatMap(entryLines).map(plainLine).join('\n');
}

const plainLine = (line: string): string => `${/^ */.exec(line)?.[0] ?? ''}${plain(line)}`;

const entryLines = (one: QuarantineState): readonly string[] => [
  `${one.fault} × ${one.sli}, ${one.campaign} on ${one.environment}: ${stateText(one)}`,
  `  owner ${one.owner}: ${one.reason}`,
  `  nights since ${day(one.since)}: ${one.outcomes.map((outcome) => LETTERS[outcome]).join(', ') || 'none yet'}`,
  ...nextLines(one),
];

function stateText({ state, since, until, lifted }: QuarantineState): string {
  switch (state) {
    case 'in-force':
      return `in quarantine since ${day(since)}, until ${day(until)}`;
    case 'expired':
      return `EXPIRED on ${day(until)}: every night fails until it is lifted or entered again`;
    case 'lifted':
      return `lifted on ${day(lifted?.at ?? until)}`;
    case 'replaced':
      return `from ${day(since)} until ${day(until)}, entered again since`;
  }
}

function nextLines({ state, mayLeave, passesRunning }: QuarantineState): readonly string[] {
  if (state !== 'in-force' && state !== 'expired') return [];
  const passes = passesRunning === 1 ? '1 pass' : `${passesRunning} passes`;
  return [`  ${passes} in a row${mayLeave ? ': it may leave, with --lift' : ''}`];
}

const day = (iso: string): string => iso.slice(0, 10);
