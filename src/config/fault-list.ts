/** The items of `faults:`: one fault with its parameters, or a group that forms one step. */
import type { z } from 'zod';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { Ms } from '../core/units.ts';
import { block, choice, isMap, listOf, type Refusal } from './forms.ts';

/** A parsed block of parameters. `holdMs` null: the fault ends when it is done. */
export interface ReadFault {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly holdMs: Ms | null;
  readonly endsInMs?: Ms;
}

/** A fault, as a file may name it. */
export interface FaultWords {
  readonly name: string;
  readonly parameters: z.ZodType<ReadFault>;
}

export const GROUPS = ['together', 'then'] as const;
export type How = (typeof GROUPS)[number];
export const isGroup = (key: string): key is How => GROUPS.some((one) => one === key);

type OneFault = Readonly<Record<string, ReadFault>>;
type Group = Readonly<Partial<Record<How, readonly OneFault[]>>>;

const EXAMPLE = 'one fault such as `kill-pod: { service: orders }`';

/** By the one key of the item: the name of a fault, `together` or `then`. */
export function faultStep(faults: readonly FaultWords[]): z.ZodType<OneFault | Group> {
  const names = faults.map((one) => one.name);
  const single = Object.fromEntries(faults.map((one) => [one.name, block({ [one.name]: one.parameters })]));
  const member = choice(single, (value) =>
    isMap(value) && Object.keys(value).some(isGroup) ? NO_GROUP(value) : keyOf(value, names),
  );
  const groups = Object.fromEntries(
    GROUPS.map((how) => [how, block({ [how]: listOf(member, 'a list of at least two faults', 2) })]),
  );
  const options: Readonly<Record<string, z.ZodType>> = { ...single, ...groups };
  return choice(options, (value) => keyOf(value, [...names, ...GROUPS])) as z.ZodType<OneFault | Group>;
}

const NO_GROUP = (value: Readonly<Record<string, unknown>>): Refusal => ({
  expected: 'one fault: a group cannot hold another group',
  got: Object.keys(value).find(isGroup) ?? null,
});

function keyOf(value: unknown, allowed: readonly string[]): string | Refusal {
  const [key, ...others] = isMap(value) ? Object.keys(value) : [];
  if (typeof value === 'string' && allowed.includes(value) && !isGroup(value))
    return {
      expected: 'the parameters of the fault',
      got: show(value),
      next: `Write ${value}: {}, with its parameters in the braces.`,
    };
  if (key === undefined || others.length > 0) return { expected: EXAMPLE, got: show(value) };
  if (allowed.includes(key)) return key;
  const said = { subject: 'fault', got: show(key), ...didYouMean(key, allowed) };
  return { expected: `one of ${allowed.join(', ')}`, ...said, path: [key], keys: allowed };
}
