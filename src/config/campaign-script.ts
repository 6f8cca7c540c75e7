/**
 * A foreign k6 script as an item of a load: what k6 said about it becomes an entry like that of a scenario,
 * with one flow for each of its executors, or one on the schedule of the campaign.
 */
import { didYouMean } from '../core/did-you-mean.ts';
import type { ReadFlow, ReadScript, ScriptReading } from '../core/foreign-script.ts';
import type { ScenarioEntry } from '../core/scenario.ts';
import { ms } from '../core/units.ts';
import type { CampaignShape } from './campaign.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import type { Path } from './user-file.ts';

type Item = NonNullable<NonNullable<Partly<CampaignShape>['load']>[number]>;
export type ScriptItem = Extract<Item, { readonly script?: unknown }>;

/** k6's own limit of a request. */
const REQUEST_LIMIT_MS = ms(60_000);
/** A value of `env` that names a variable of the caller: `env:NAME`. */
const SECRET = /^env:([A-Za-z_]\w*)$/;

/** Undefined when the script cannot be a load: its problem is then reported. */
export function scriptEntry(
  item: ScriptItem,
  reading: ScriptReading | undefined,
  isGiven: boolean,
  path: Path,
  problems: Problems,
): ScenarioEntry | undefined {
  if (item.script === undefined) return undefined;
  if (reading === undefined)
    return problems.add([...path, 'script'], 'a scenario: only gauntlet run takes foreign scripts');
  if (!reading.ok) {
    const { expected, got, next } = reading;
    return problems.add([...path, 'script'], expected, { got, ...(next !== undefined && { next }) });
  }
  const { script } = reading;
  const name = nameOf(script.file);
  const own = isGiven ? givenFlows(item, script, name, path, problems) : script.flows;
  checkOwn(item, isGiven, path, problems);
  const flows = own.map((one) => flowName(one, name, isGiven));
  const twice = flows.find((flow, index) => flows.indexOf(flow) !== index);
  if (twice !== undefined) {
    const next =
      'A dropped arrival must belong to one flow: give each scenario of the script its own tag flow.';
    problems.add([...path, 'script'], 'one k6 scenario for each flow', { got: `two for ${twice}`, next });
  }
  const env = Object.entries(item.env ?? {}).filter(
    ([, value]) => value !== undefined && !SECRET.test(value),
  );
  return {
    name,
    file: script.file,
    script: { ...script, flows: own },
    summary: `the k6 script ${script.file}`,
    flows,
    worstStallMs: item.timeout ?? REQUEST_LIMIT_MS,
    http: true,
    services: {},
    env: Object.fromEntries(env as [string, string][]),
  };
}

/** From names in the script's environment to variables of the caller. */
export const secretsOf = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const variable = SECRET.exec(value ?? '')?.[1];
      return variable === undefined ? [] : [[name, variable]];
    }),
  );

/** `./load/checkout.spec.js` → `checkout.spec`: the first part of the names of its flows. */
export const nameOf = (file: string): string =>
  tame((file.split('/').at(-1) ?? file).replace(/\.(js|ts|mjs|cjs)$/, '')) || 'script';

/** Flow names are words of objectives and of files. */
const tame = (text: string): string => text.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');

const flowName = ({ executor, tag, exec }: ReadFlow, name: string, isGiven: boolean): string =>
  tag === null ? `${name}.${tame(isGiven ? exec : executor)}` : tame(tag);

function givenFlows(
  { exec }: ScriptItem,
  { functions }: ReadScript,
  name: string,
  path: Path,
  problems: Problems,
): readonly ReadFlow[] {
  const called = exec ?? 'default';
  if (!functions.includes(called)) {
    const at = [...path, exec === undefined ? 'script' : 'exec'];
    const expected = `a function that the script exports: ${functions.join(', ') || 'it exports none'}`;
    const near = didYouMean(called, functions);
    problems.add(at, expected, { got: exec === undefined ? 'no default function' : called, ...near });
  }
  const executor = `${name}_${called}`.replace(/[^A-Za-z0-9_-]/g, '_');
  return [{ executor, kind: 'constant-arrival-rate', model: 'open', exec: called, tag: null, vus: 0 }];
}

function checkOwn({ exec }: ScriptItem, isGiven: boolean, path: Path, problems: Problems): void {
  if (isGiven || exec === undefined) return;
  const next = 'Without them the executors of the script decide which functions are called.';
  problems.add([...path, 'exec'], 'rate or stages next to it', { got: null, next });
}
