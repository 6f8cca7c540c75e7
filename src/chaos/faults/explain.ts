/** The text of `gauntlet faults [name]`, generated from the contract, so that it cannot go stale. */
import type { Fault, Parameter } from '../fault.ts';
import { FAULTS, faultNamed } from './registry.ts';

export function listFaults(): string {
  const width = Math.max(...FAULTS.map((fault) => fault.name.length));
  const rows = FAULTS.map((fault) => `  ${fault.name.padEnd(width)}  ${fault.summary}`);
  return ['Faults:', ...rows, '', 'More about one: gauntlet faults <name>'].join('\n');
}

/** @throws usage error for a name that is not there, with the nearest. */
export const explainFault = (name: string): string => explain(faultNamed(name));

export function explain(fault: Fault): string {
  return [
    `${fault.name}: ${fault.summary}`,
    '',
    ...(fault.parameters.length === 0
      ? ['Parameters: none']
      : ['Parameters:', ...fault.parameters.flatMap(explainParameter)]),
    '',
    `Needs from the platform: ${sayActs(fault)}`,
    `Undo and lease: ${fault.undone}`,
    ...(fault.limits === undefined ? [] : [`Limits: ${fault.limits}`]),
    '',
    'Example:',
    `  - ${fault.example}`,
  ].join('\n');
}

function sayActs({ permissions, permissionsInPods }: Fault): string {
  const acts = permissions.length === 0 ? 'nothing' : permissions.join(', ');
  return permissionsInPods === undefined ? acts : `${acts}; in pods: ${permissionsInPods.join(', ')}`;
}

function explainParameter(parameter: Parameter): readonly string[] {
  const unit = parameter.unit === '' ? '' : ` (${parameter.unit})`;
  const need = parameter.required
    ? 'required'
    : parameter.default === null
      ? 'optional'
      : `default ${parameter.default}`;
  return [`  ${parameter.name}${unit}, ${need}: ${parameter.meaning}`, `      ${parameter.allowed}`];
}
