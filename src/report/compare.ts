/** Two runs side by side, on a terminal and as Markdown. */
import pc from 'picocolors';
import {
  COMPARED_QUANTILES,
  type ComparedQuantile,
  type ComparedRow,
  type ComparedRun,
  type ComparedSide,
  type RunComparison,
} from '../core/comparison.ts';
import { plain } from '../core/plain.ts';
import { formatMs } from '../core/units.ts';
import { escapeMarkdown } from './escape.ts';
import { NONE } from './format.ts';
import { cell, renderGroups, type TextColumn, type TextStyle } from './terminal-table.ts';
import { toneOfStatus, tonePainter } from './tone.ts';

/** From this width on P90 is shown too: below it the names of phases would be cut. */
const WIDE = 150;
const titlesOf = (quantiles: readonly ComparedQuantile[]): readonly string[] => [
  'phase',
  'failed',
  ...quantiles.map((one) => one.toUpperCase()),
];
const LEGEND = 'Each cell: run, other, and their ratio. Times are of good answers, from the due time.';
const NOTHING = 'No flow has a phase that both runs have.';

export function comparisonText(comparison: RunComparison, style: TextStyle): string {
  const say = tonePainter(pc.createColors(style.color));
  const { run, other, rows, differences, notes } = comparison;
  const head = (name: string, one: ComparedRun): string =>
    `${name} ${plain(headOf(one))} ${say(one.status, toneOfStatus(one.status))}`;
  const quantiles = COMPARED_QUANTILES.filter((one) => one !== 'p90' || style.width >= WIDE);
  const columns = titlesOf(quantiles).map(
    (title, at): TextColumn => ({ title, align: at === 0 ? 'left' : 'right' }),
  );
  const flows = [...new Set(rows.map((one) => one.flow))];
  const groups = flows.map((flow) => ({
    title: plain(flow),
    rows: rows
      .filter((one) => one.flow === flow)
      .map((row) => [cell(`  ${plain(row.phase)}`), ...cellsOf(row, quantiles).map((one) => cell(one))]),
  }));
  return [
    'Comparison of two runs: there is no verdict.',
    head('run:  ', run),
    head('other:', other),
    '',
    ...(rows.length === 0 ? [NOTHING] : [LEGEND, '', renderGroups(columns, groups, style)]),
    '',
    ...listed('Differs:', differences).map(plain),
    ...notes.map(plain),
  ].join('\n');
}

export function comparisonMarkdown({ run, other, rows, differences, notes }: RunComparison): string {
  const md = escapeMarkdown;
  const titles = titlesOf(COMPARED_QUANTILES);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [
    line(['flow', ...titles]),
    line(['---', '---', ...titles.slice(1).map(() => '---:')]),
    ...rows.map((row) => line([md(row.flow), md(row.phase), ...cellsOf(row, COMPARED_QUANTILES).map(md)])),
  ];
  return [
    '# Comparison of two runs',
    '',
    'There is no verdict.',
    '',
    `- run: ${md(headOf(run))} **${run.status}**`,
    `- other: ${md(headOf(other))} **${other.status}**`,
    '',
    ...(rows.length === 0 ? [NOTHING] : [LEGEND, '', ...table]),
    '',
    '## What else differs',
    '',
    ...(differences.length === 0
      ? ['Nothing that the runs recorded.']
      : differences.map((one) => `- ${md(one)}`)),
    '',
    ...notes.flatMap((one) => [md(one), '']),
  ].join('\n');
}

const headOf = ({ id, campaign, target, startedAt }: ComparedRun): string =>
  `${id}: ${campaign} on ${target}, ${startedAt === '' ? 'time not recorded' : startedAt}`;

function cellsOf(
  { run, other, ratios }: ComparedRow,
  quantiles: readonly ComparedQuantile[],
): readonly string[] {
  const share = ({ badRatio, due }: ComparedSide): string =>
    due === 0 ? NONE : `${(badRatio * 100).toFixed(2)} %`;
  const times = quantiles.map((name) => {
    const ratio = ratios[name];
    const said = ratio === null ? '' : ` ×${ratio.toFixed(2)}`;
    return `${formatMs(run.goodMs[name])} ${formatMs(other.goodMs[name])}${said}`;
  });
  return [`${share(run)} ${share(other)}`, ...times];
}

const listed = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0
    ? ['Nothing else that the runs recorded differs.']
    : [title, ...lines.map((one) => `  ${one}`)];
