/**
 * The text of `gauntlet faults [name]` and of docs/faults, generated from the contract, so that it cannot
 * become outdated.
 */
import { wrapped } from '../../core/wrap.ts';
import type { Fault } from '../fault.ts';
import { type Described, describeParameters } from '../parameters.ts';
import { FAULTS, faultNamed } from './registry.ts';

/**
 * The line length of the pages in docs/faults, and the maximum on a terminal: longer lines are hard to read.
 */
const MOST_COLUMNS = 110;
/** Narrower terminals wrap by themselves: each line would have only a few words. */
const LEAST_COLUMNS = 40;

/** The length of a line on a terminal with this many columns. */
export const explainedColumns = (columns: number): number =>
  Math.max(LEAST_COLUMNS, Math.min(columns, MOST_COLUMNS));

export function listFaults(): string {
  const width = Math.max(...FAULTS.map((fault) => fault.name.length));
  const rows = FAULTS.map((fault) => `  ${fault.name.padEnd(width)}  ${fault.summary}`);
  return ['Faults:', ...rows, '', 'More about one: gauntlet faults <name>'].join('\n');
}

/**
 * @param columns of the terminal.
 * @throws usage error for an unknown name, with the nearest known one.
 */
export const explainFault = (name: string, columns: number, example?: string): string =>
  explain(faultNamed(name), columns, example);

/** @param example with names of a target in it; default: the fault's own, of a shop. */
export function explain(fault: Fault, columns: number, example: string = fault.example): string {
  const width = explainedColumns(columns);
  const parameters = describeParameters(fault.parameters).flatMap((one) => [
    ...wrapped(headOf(one), width, '  ', '      '),
    ...wrapped(one.allowed, width, '      '),
  ]);
  return [
    ...wrapped(`${fault.name}: ${fault.summary}`, width),
    '',
    ...(parameters.length === 0 ? ['Parameters: none'] : ['Parameters:', ...parameters]),
    ...sectionsOf(fault).flatMap(([title, text]) => ['', ...wrapped(`${title}: ${text}`, width, '', '  ')]),
    '',
    'Example:',
    `  - ${example}`,
  ].join('\n');
}

/** Its page in docs/faults, as Markdown. */
export function faultPage(fault: Fault): string {
  const parameters = describeParameters(fault.parameters).flatMap((one) =>
    wrapped(
      `**${one.name}**${markdown(headOf(one).slice(one.name.length))}.`,
      MOST_COLUMNS,
      '- ',
      '  ',
    ).concat(wrapped(`Allowed: ${markdown(one.allowed)}.`, MOST_COLUMNS, '  ')),
  );
  return [
    `# ${fault.name}`,
    '',
    ...wrapped(sentence(fault.summary), MOST_COLUMNS),
    '',
    '```yaml',
    `- ${fault.example}`,
    '```',
    '',
    '## Parameters',
    '',
    ...(parameters.length === 0 ? ['None.'] : parameters),
    ...sectionsOf(fault).flatMap(([title, text]) => [
      '',
      `## ${title}`,
      '',
      ...wrapped(markdown(text), MOST_COLUMNS),
    ]),
    '',
    '<!-- Generated from the fault; see docs/adding-a-fault.md. -->',
    '',
  ].join('\n');
}

const sectionsOf = (fault: Fault): readonly (readonly [title: string, text: string])[] => [
  ['Proof', fault.proof],
  ['Undo and lease', fault.undone],
  ...(fault.limits === undefined ? [] : [['Limits', fault.limits] as const]),
  ['Needs from the platform', sayActs(fault)],
];

/** A renderer would treat `<topic>` as a tag. */
const markdown = (text: string): string => text.replaceAll('<', '\\<');
const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

/** In each place where it needs others. */
export function sayActs(fault: Fault): string {
  const { permissions, permissionsInPods, permissionsInContainers, permissionsByLinks } = fault;
  const acts = permissions.length === 0 ? 'nothing' : permissions.join(', ');
  const inPods = permissionsInPods === undefined ? [] : [`in pods: ${permissionsInPods.join(', ')}`];
  const inContainers =
    permissionsInContainers === undefined ? [] : [`in containers: ${permissionsInContainers.join(', ')}`];
  const byLinks = permissionsByLinks === undefined ? [] : [`by links: ${permissionsByLinks.join(', ')}`];
  return [acts, ...inPods, ...inContainers, ...byLinks].join('; ');
}

function headOf(parameter: Described): string {
  const unit = parameter.unit === undefined ? '' : ` (${parameter.unit})`;
  const need = parameter.required
    ? 'required'
    : parameter.default === null
      ? 'optional'
      : `default ${parameter.default}`;
  return `${parameter.name}${unit}, ${need}: ${parameter.meaning}`;
}
