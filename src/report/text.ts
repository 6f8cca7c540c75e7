/** The end of a run on a terminal: numbers first, the verdict last, because readers look at the last line. */
import pc from 'picocolors';
import { insecureText } from '../core/insecure-text.ts';
import { plain } from '../core/plain.ts';
import type { Quantiles } from '../core/result.ts';
import { formatMs } from '../core/units.ts';
import { abortText } from './abort.ts';
import { answerOf } from './answer.ts';
import { AUDIT_TITLE } from './audit-rows.ts';
import { auditText } from './audit-text.ts';
import { capacityText, repeatText, stepText, toneOfStep } from './capacity.ts';
import { scriptLines } from './foreign-scripts.ts';
import { formatCount, formatInterval, formatRate, formatRecovery, formatValue, shareOf } from './format.ts';
import { gateSummary } from './gate-text.ts';
import { HISTORY_TITLES, historyRows, leftOutText } from './history.ts';
import type { ReportInput } from './input.ts';
import { pathsText } from './paths-text.ts';
import { recordsText } from './records-text.ts';
import {
  badOf,
  faultStatusText,
  flowsOf,
  foundRate,
  ledgerText,
  lossText,
  noFaultText,
  outcomesOfFlow,
  outcomesText,
  ownStallText,
  type PercentileRow,
  percentileRows,
  reasonsWorstFirst,
  requestSteps,
  rowStatusText,
  type SliRow,
  shownSlis,
  sliName,
  splitSlis,
  timelines,
  VERDICT_MEANING,
  worstText,
} from './rows.ts';
import { cell, renderGroups, type TextCell, type TextColumn, type TextStyle } from './terminal-table.ts';
import { toneOfStatus, tonePainter } from './tone.ts';

const left = (title: string): TextColumn => ({ title, align: 'left' });
const right = (title: string): TextColumn => ({ title, align: 'right' });
/** From this width on, P90, P99.9, the rate and the longer words are shown too. */
const WIDE = 116;

type Say = ReturnType<typeof tonePainter>;

function percentiles(input: ReportInput, style: TextStyle): string {
  const rows = percentileRows(input);
  if (rows.length === 0) return 'No arrival was measured.';
  const wide = style.width >= WIDE;
  const columns = [
    left('  phase'),
    right('count'),
    right('failed'),
    right('dropped'),
    ...(wide ? [right('rate')] : []),
    right('P50'),
    ...(wide ? [right('P90')] : []),
    right('P95'),
    right('P99'),
    ...(wide ? [right('P99.9'), right('max')] : []),
  ];
  const times = (of: Quantiles): TextCell[] => [
    cell(formatMs(of.p50)),
    ...(wide ? [cell(formatMs(of.p90))] : []),
    cell(formatMs(of.p95)),
    cell(formatMs(of.p99), 'strong'),
    ...(wide ? [cell(formatMs(of.p999)), cell(formatMs(of.max))] : []),
  ];
  const lines = ({ phase, stats }: PercentileRow): TextCell[][] => [
    [
      cell(`  ${plain(phase)}`),
      cell(formatCount(stats.count)),
      cell(shareOf(badOf(stats), stats.due), badOf(stats) > 0 ? 'bad' : 'plain'),
      cell(formatCount(stats.dropped), stats.dropped > 0 ? 'warn' : 'plain'),
      ...(wide ? [cell(formatRate(stats.attainedRate))] : []),
      ...times(stats.responseMs),
    ],
    ...requestSteps(stats).map(([step, own]) => [
      cell(`    ${plain(step)} (service)`),
      cell(formatCount(own.count)),
      ...(wide ? [cell(''), cell(''), cell('')] : [cell(''), cell('')]),
      ...times(own.serviceMs),
    ]),
  ];
  const groups = flowsOf(input).map((flow) => ({
    title: plain(flow),
    rows: rows.filter((row) => row.flow === flow).flatMap(lines),
  }));
  const why = flowsOf(input).flatMap((flow) => {
    const said = outcomesText(outcomesOfFlow(input, flow));
    return said === '' ? [] : [wrap(`${plain(flow)} not good: ${plain(said)}`, style.width)];
  });
  return [renderGroups(columns, groups, style), ...why].join('\n');
}

function recoveryLine(row: SliRow, wide: boolean): TextCell[] {
  const { recovery } = row;
  const tone = toneOfStatus(recovery.status);
  return [
    cell(`  ${plain(sliName(row))}`),
    ...(wide ? [cell(rowStatusText(row), tone)] : []),
    cell(formatRecovery(recovery, 'injected'), tone),
    cell(formatRecovery(recovery, 'removed')),
    ...(wide ? [] : [cell(String(recovery.flaps), recovery.flaps > 0 ? 'warn' : 'plain')]),
    cell(worstText(row)),
    ...(wide ? [cell(lossText(recovery))] : []),
  ];
}

/** Only degraded SLIs are rows; the others are counted in a line, so that none is omitted silently. */
function recoveries(input: ReportInput, style: TextStyle): string {
  const { faults } = input.result;
  if (faults.length === 0) return noFaultText(input);
  const wide = style.width >= WIDE;
  const columns = [
    left('  SLI'),
    ...(wide ? [left('status')] : []),
    right('since injected'),
    right('since removed'),
    ...(wide ? [] : [right('flaps')]),
    right('worst'),
    ...(wide ? [right('lost')] : []),
  ];
  const groups = faults.map((fault) => ({
    title: `${plain(fault.name)}: ${faultStatusText(fault)}`,
    tone: toneOfStatus(fault.status),
    rows: shownSlis(fault).map((row) => recoveryLine(row, wide)),
  }));
  const notes = faults.flatMap((fault) => {
    const { degraded, calm } = splitSlis(fault);
    const all = degraded.length + calm.length;
    const left = ownStallText(fault);
    return [
      ...(left === '' ? [] : [`${plain(fault.name)}: ${left}`]),
      ...(calm.length > 0 ? [`${plain(fault.name)}: ${calm.length} of ${all} SLIs never degraded`] : []),
      ...timelines(fault).map((one) => `${plain(fault.name)}: ${plain(one)}`),
    ];
  });
  return [renderGroups(columns, groups, style), ...notes.map((line) => wrap(line, style.width))].join('\n');
}

type Title = (text: string) => string;

function capacity(input: ReportInput, style: TextStyle, title: Title): string[] {
  return input.result.capacity.flatMap((found) => {
    const columns = [left('step'), right('due'), left('conditions'), left('seen')];
    const rows = found.steps.map((step) => [
      cell(step.phase),
      cell(formatRate(step.rate)),
      cell(step.status, toneOfStep(step)),
      cell(plain(stepText(step))),
    ]);
    const groups = [{ title: null, rows }];
    const said = wrap(`${plain(capacityText(found))}.`, style.width);
    return [title('Capacity'), said, renderGroups(columns, groups, style), ''];
  });
}

function repeats(input: ReportInput, style: TextStyle, title: Title): string[] {
  if (input.result.repeats.length === 0) return [];
  const columns = [
    left('fault, SLI'),
    right('rounds'),
    right('median'),
    right('P95 at most'),
    right('worst'),
  ];
  const rows = input.result.repeats.map((one) => {
    const said = repeatText(one);
    const name = plain(`${said.fault}, ${said.sli}`);
    return [name, said.rounds, said.median, said.tail, said.worst].map((text) => cell(text));
  });
  const groups = [{ title: null, rows }];
  return [title('Repeated faults, since injected'), renderGroups(columns, groups, style), ''];
}

function objectives(input: ReportInput, style: TextStyle): string {
  if (input.result.objectives.length === 0) return 'No objective was set.';
  const wide = style.width >= WIDE;
  const columns = [
    left('status'),
    left('objective'),
    right('observed'),
    ...(wide ? [right('95% interval'), right('samples')] : []),
  ];
  const lines = input.result.objectives.map((one) => [
    cell(one.status, toneOfStatus(one.status)),
    cell(plain(one.name)),
    cell(formatValue(one.observed, one.unit), 'strong'),
    ...(wide ? [cell(formatInterval(one.interval, one.unit)), cell(formatCount(one.samples))] : []),
  ]);
  return renderGroups(columns, [{ title: null, rows: lines }], style);
}

/** Breaks at blanks; later lines are indented by two. */
function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const indent = lines.length === 0 ? '' : '  ';
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? `${indent}${word}` : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

function verdict(input: ReportInput, style: TextStyle, say: Say): string {
  const { status, exitCode, reasons } = input.result.verdict;
  const tone = toneOfStatus(status);
  const told = reasonsWorstFirst(reasons).filter((reason) => reason.status !== 'PASS');
  const kept = reasons.length - told.length;
  const lines = told.map((reason) => wrap(`${reason.status} ${plain(reason.text)}`, style.width));
  const aborted = abortText(input.result);
  const open = insecureText(input.plan);
  return [
    ...lines,
    ...(open === null ? [] : [wrap(`WARNING: ${plain(open)}`, style.width)]),
    ...(aborted === null ? [] : [wrap(plain(aborted), style.width)]),
    ...(kept > 0 ? [say(`${kept} of ${reasons.length} judgements passed.`, 'soft')] : []),
    wrap(VERDICT_MEANING[status], style.width),
    `${say('Verdict:', 'strong')} ${say(status, tone)} (exit ${exitCode})`,
  ].join('\n');
}

/** The answer of a candidate against earlier runs comes first: it is what was asked. */
function history(input: ReportInput, style: TextStyle, say: Say): string[] {
  const { history: found, verdict: said } = input.result;
  if (found === undefined) return [];
  // Below that width the metric, its ratio and the answer.
  const shown = style.width >= WIDE ? [0, 1, 2, 3, 4, 5, 6] : [0, 3, 6];
  const columns = shown.map((at) => (at === 0 || at === 6 ? left : right)(HISTORY_TITLES[at] ?? ''));
  const rows = historyRows(found).map(({ name, cells, status }) => {
    const all = [cell(plain(name)), ...cells.map((one) => cell(one)), cell(status, toneOfStatus(status))];
    return shown.flatMap((at) => all[at] ?? []);
  });
  const answer = answerOf(input).slice(said.status.length);
  return [
    wrap(`${say(said.status, toneOfStatus(said.status))}${answer}`, style.width),
    '',
    renderGroups(columns, [{ title: null, rows }], style),
    ...leftOutText(found).map((one) => wrap(plain(one), style.width)),
    '',
  ];
}

/**
 * @param style colour only on request; from 72 columns on every line fits the width, because names can be
 * cut.
 */
export function renderSummary(input: ReportInput, style: TextStyle): string {
  if (input.result.gate) return gateSummary(input, input.result.gate, style);
  const say = tonePainter(pc.createColors(style.color));
  const { run, ledger } = input.result;
  const counts = `${formatCount(ledger.due)} due, ${formatCount(ledger.started)} started`;
  const balance = say(ledgerText(ledger), ledger.balanced ? 'plain' : 'bad');
  const title = (text: string): string => say(text, 'strong');
  return [
    ...history(input, style, say),
    wrap(
      `${plain(run.campaign)} on ${plain(run.target)}, seed ${run.seed}, run ${plain(run.id)}`,
      style.width,
    ),
    ...(foundRate(input) === null ? [] : [wrap(`Rate: ${plain(foundRate(input) ?? '')}`, style.width)]),
    '',
    title('Response time from due time, by flow and phase'),
    percentiles(input, style),
    '',
    ...capacity(input, style, title),
    title('Recovery'),
    recoveries(input, style),
    '',
    ...repeats(input, style, title),
    ...recordsText(input, style, title, wrap),
    ...pathsText(input, style, title, wrap),
    ...scriptLines(input).flatMap(({ name, lines }) => [
      title(`Foreign script ${plain(name)}`),
      ...lines.map((one) => wrap(`  ${plain(one)}`, style.width)),
      '',
    ]),
    ...(input.result.audit ? [title(AUDIT_TITLE), auditText(input.result.audit, style), ''] : []),
    title('Objectives'),
    objectives(input, style),
    '',
    `Arrivals: ${counts}, ${formatCount(ledger.dropped)} dropped; ledger: ${balance}`,
    '',
    verdict(input, style, say),
  ].join('\n');
}
