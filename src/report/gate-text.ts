/** The end of a gate on a terminal: the answer first, then a row a metric, then what it rests on. */
import pc from 'picocolors';
import type { GateResult } from '../core/gate.ts';
import { plain } from '../core/plain.ts';
import { estimateText, intervalText, nameOfQuantity, slotText } from './gate-words.ts';
import type { ReportInput } from './input.ts';
import { ledgerText, reasonsWorstFirst } from './rows.ts';
import { cell, renderGroups, type TextColumn, type TextStyle } from './terminal-table.ts';
import { toneOfStatus, tonePainter } from './tone.ts';

const COLUMNS: readonly TextColumn[] = [
  { title: 'metric', align: 'left' },
  { title: 'candidate : baseline', align: 'right' },
  { title: 'interval', align: 'right' },
  { title: 'can find', align: 'right' },
  { title: 'pairs needed', align: 'right' },
  { title: 'answer', align: 'left' },
];

export function gateSummary({ result }: ReportInput, gate: GateResult, style: TextStyle): string {
  const say = tonePainter(pc.createColors(style.color));
  const { run, verdict, ledger } = result;
  const other = reasonsWorstFirst(verdict.reasons).filter(
    (one) => one.status !== 'PASS' && one.text !== gate.sentence,
  );
  const { pairs, dropped, checks } = gate;
  return [
    `${say(verdict.status, toneOfStatus(verdict.status))}: ${plain(gate.sentence)}`,
    ...other.map((one) => `${one.status} ${plain(one.text)}`),
    '',
    gateTable(gate, style),
    '',
    `Pairs: ${pairs.run} run, ${pairs.kept} kept, ${pairs.judged} judged`,
    ...dropped.map((one) => `  pair ${one.pair} dropped: ${plain(one.why)}`),
    ...slotText(checks),
    `Arrivals: ${ledger.due} due, ${ledger.started} started, ${ledger.dropped} dropped; ledger: ${ledgerText(ledger)}`,
    `${plain(run.campaign)} on ${plain(run.target)}, seed ${run.seed}, run ${plain(run.id)}`,
    `${say('Verdict:', 'strong')} ${say(verdict.status, toneOfStatus(verdict.status))} (exit ${verdict.exitCode})`,
  ].join('\n');
}

function gateTable({ metrics }: GateResult, style: TextStyle): string {
  const rows = metrics.map((one) => [
    cell(`${plain(one.flow)} ${nameOfQuantity(one)}`),
    cell(estimateText(one), 'strong'),
    cell(intervalText(one)),
    cell(one.detectable === null ? '–' : `+${Math.round(one.detectable * 100)} %`),
    cell(one.pairsNeeded === null ? '–' : String(one.pairsNeeded)),
    cell(one.status, toneOfStatus(one.status)),
  ]);
  return renderGroups(COLUMNS, [{ title: null, rows }], style);
}
