/** The end of a gate on a terminal: the answer first, then a row a metric, then what it rests on. */
import pc from 'picocolors';
import { type AaResult, type GatePlan, type GateResult, quantityName } from '../core/gate.ts';
import { plain } from '../core/plain.ts';
import { answerOf } from './answer.ts';
import { formatCount } from './format.ts';
import { checkRows } from './gate-check-rows.ts';
import { aaSentence, noiseTable } from './gate-noise.ts';
import { droppedTexts, recoveryRow } from './gate-recovery-words.ts';
import { detectableText, estimateText, intervalText, neededText, sidesOf, sideText } from './gate-words.ts';
import type { ReportInput } from './input.ts';
import { ledgerText, reasonsWorstFirst } from './rows.ts';
import { cell, renderGroups, type TextColumn, type TextStyle } from './terminal-table.ts';
import { toneOfStatus, tonePainter } from './tone.ts';

export function gateSummary(input: ReportInput, gate: GateResult, style: TextStyle): string {
  const say = tonePainter(pc.createColors(style.color));
  const { run, verdict, ledger } = input.result;
  const answer = answerOf(input);
  const other = reasonsWorstFirst(verdict.reasons).filter(
    (one) => one.status !== 'PASS' && one.text !== gate.sentence && !answer.includes(plain(one.text)),
  );
  const { pairs, dropped } = gate;
  const told = input.plan.gate === undefined ? [] : checkRows(gate, input.plan.gate);
  const open = told.filter((one) => one.isFine === false);
  return [
    `${say(verdict.status, toneOfStatus(verdict.status))}${answer.slice(verdict.status.length)}`,
    ...other.map((one) => `${one.status} ${plain(one.text)}`),
    ...(gate.aa ? [plain(aaSentence(gate.aa))] : []),
    '',
    gateTable(gate, style),
    ...recoveryLines(gate, style),
    '',
    ...noiseOfPlace(gate.aa, input.plan.gate, style),
    `Pairs: ${pairs.run} run, ${pairs.kept} kept, ${pairs.judged} judged`,
    ...dropped.map((one) => `  pair ${one.pair} dropped: ${plain(one.why)}`),
    `Checks: ${told.filter((one) => one.isFine === true).length} of ${told.length} are fine`,
    ...open.map((one) => `  ${plain(one.name)}: ${plain(one.seen)}, ${plain(one.means)}`),
    `Arrivals: ${formatCount(ledger.due)} due, ${formatCount(ledger.started)} started, ${formatCount(ledger.dropped)} dropped; ledger: ${ledgerText(ledger)}`,
    `${plain(run.campaign)} on ${plain(run.target)}, seed ${run.seed}, run ${plain(run.id)}`,
    `${say('Verdict:', 'strong')} ${say(verdict.status, toneOfStatus(verdict.status))} (exit ${verdict.exitCode})`,
  ].join('\n');
}

function noiseOfPlace(
  aa: AaResult | undefined,
  plan: GatePlan | undefined,
  style: TextStyle,
): readonly string[] {
  if (aa === undefined || plan === undefined || aa.metrics.length === 0) return [];
  const { titles, rows } = noiseTable(aa, plan);
  const columns = titles.map((title, at): TextColumn => ({ title, align: at === 0 ? 'left' : 'right' }));
  const cells = rows.map((row) => row.map((text, at) => cell(at === 0 ? plain(text) : text)));
  return [renderGroups(columns, [{ title: null, rows: cells }], style), ''];
}

function recoveryLines({ recoveries }: GateResult, style: TextStyle): readonly string[] {
  if (recoveries === undefined) return [];
  const right = (title: string): TextColumn => ({ title, align: 'right' });
  const columns: readonly TextColumn[] = [
    { title: 'recovered', align: 'left' },
    ...['baseline', 'candidate', 'ratio', 'pairs'].map(right),
    { title: 'answer', align: 'left' },
  ];
  const rows = recoveries.map((one) => {
    const { baseline, candidate, ratio, pairs, status } = recoveryRow(one);
    return [
      cell(`after ${plain(one.fault)}, ${plain(one.flow)}`),
      ...[baseline, candidate].map((text) => cell(text)),
      cell(ratio, 'strong'),
      cell(pairs),
      cell(status, toneOfStatus(status)),
    ];
  });
  return [
    '',
    renderGroups(columns, [{ title: null, rows }], style),
    ...droppedTexts(recoveries).map((one) => `  ${plain(one)}`),
  ];
}

/** From this width on the values of both sides are shown too. */
const WIDE = 116;

function gateTable(gate: GateResult, style: TextStyle): string {
  const wide = style.width >= WIDE;
  const right = (title: string): TextColumn => ({ title, align: 'right' });
  const columns: readonly TextColumn[] = [
    { title: 'metric', align: 'left' },
    ...(wide ? [right('baseline'), right('candidate')] : []),
    ...['ratio', 'interval', 'can find', 'pairs needed'].map(right),
    { title: 'answer', align: 'left' },
  ];
  const rows = gate.metrics.map((one, index) => {
    const { baseline, candidate } = sidesOf(gate, index);
    return [
      // What is cut of a long name is its end.
      cell(`${quantityName(one.quantity)} ${plain(one.flow)}`),
      ...(wide ? [cell(sideText(one.quantity, baseline)), cell(sideText(one.quantity, candidate))] : []),
      cell(estimateText(one), 'strong'),
      cell(intervalText(one)),
      cell(detectableText(one)),
      cell(neededText(one)),
      cell(one.status, toneOfStatus(one.status)),
    ];
  });
  return renderGroups(columns, [{ title: null, rows }], style);
}
