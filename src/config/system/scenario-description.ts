/** What a scenario says about itself, in `options.ext.gauntlet` of its script. */

import { z } from 'zod';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { Problem } from '../../core/errors.ts';
import { literal } from '../../core/literal.ts';
import type { ScenarioEntry, ScenarioReading } from '../../core/scenario.ts';
import type { Service, System } from '../../core/system.ts';
import { ms } from '../../core/units.ts';
import { fillText } from '../each.ts';
import { block, isMap, listOf, oneOf } from '../forms.ts';
import { gotAndNext, wordsOf } from '../issue-words.ts';
import { readPartly } from '../partly.ts';
import { durationOf } from '../words/duration.ts';
import { placeInScript } from './place-in-script.ts';
import { text, textOf } from './text.ts';

const FLOW = 'a flow such as web.orders: words of letters, digits, - and _, with dots between them';
const FLOW_NAME = /^[A-Za-z0-9{][\w.{}-]*$/;

const flow = block({
  service: text('the name of a service').describe('the service that it is sent to'),
  protocol: oneOf(['http', 'grpc']).optional().describe('default: that of the first endpoint of the service'),
  exec: text('the name of an exported function')
    .optional()
    .describe('the exported function that is one iteration of it; default: default'),
  records: listOf(text('the name of a topic; * stands for any words'), 'a list of topics', 1)
    .optional()
    .describe('the topics of which one gets a record with iterationId() for each good answer'),
});

export const descriptionSchema = block({
  summary: text('one sentence').describe('what it does, in one sentence'),
  flows: z
    .record(z.string().regex(FLOW_NAME), flow, {
      error: ({ code }) => (code === 'invalid_key' ? FLOW : 'a map of flows'),
    })
    .describe('its flows; {kind} in a name makes one for each service whose name fits'),
  timeLimit: durationOf('1ms').describe('no request takes longer: rate × this is the number of VUs'),
  vuMemory: textOf(/^\d+kB$/, 'a size such as 300kB')
    .optional()
    .describe('of one VU in k6 without garbage; absent: its memory has no limit'),
});

const EXPECTED = 'a scenario that describes itself (gauntlet schema scenario)';

/** What k6 prints about a script. */
export interface Said {
  /** Its `options.ext.gauntlet`. */
  readonly description: unknown;
  /** Its exports, by their type. */
  readonly names: Readonly<Record<string, string>>;
}

/** The script itself, for the places of what it says wrong. */
export interface Script {
  /** An absolute path. */
  readonly file: string;
  /** As problems name it. */
  readonly shown: string;
  readonly text: string;
}

export function scenarioFrom(name: string, script: Script, said: Said, system: System): ScenarioReading {
  const { description, names } = said;
  if (description === undefined || description === null) {
    const next = 'Use it as it is with: script: PATH.';
    return { ok: false, expected: EXPECTED, got: 'one without options.ext.gauntlet', next };
  }
  const { value, issues } = readPartly(descriptionSchema, description);
  if (issues.length > 0 || value === undefined)
    return { ok: false, problems: problemsOf(script, description, issues) };
  const { summary, flows, timeLimit, vuMemory } = value as z.output<typeof descriptionSchema>;
  const found = Object.entries(flows).flatMap(([flowName, one]) => flowsOf(flowName, one, system));
  const unknown = Object.values(flows).find((one) => !found.some((flow) => flow.of === one));
  if (unknown !== undefined || found.length === 0)
    return {
      ok: false,
      expected: `a scenario for system ${system.name}, with services ${system.services.map((one) => one.name).join(', ')}`,
      got: `one for ${unknown?.service ?? 'no service'}`,
    };
  const functions = Object.keys(names).filter((one) => names[one] === 'function');
  const called = Object.values(flows).map((one) => one.exec ?? 'default');
  const missing = called.find((one) => !functions.includes(one));
  if (missing !== undefined) {
    const expected = `a script that exports the function ${missing}, which a flow of its description names`;
    const got = functions.length === 0 ? 'no function' : functions.join(', ');
    return { ok: false, expected, got, ...didYouMean(missing, functions) };
  }
  const protocols = new Set(found.map((one) => one.protocol));
  if (protocols.size > 1)
    return { ok: false, expected: 'flows of one protocol', got: [...protocols].join(' and ') };
  return {
    ok: true,
    entry: {
      ...{ name, file: script.file, summary },
      flows: found.map((one) => one.flow),
      services: Object.fromEntries(found.map((one) => [one.flow, one.service])),
      worstStallMs: ms(timeLimit),
      ...(vuMemory !== undefined && { vuKb: Number.parseInt(vuMemory, 10) }),
      http: protocols.has('http'),
      ...recordsOf(found, system),
    },
  };
}

/** Absent: no flow promises any. */
function recordsOf(found: readonly FoundFlow[], { topics }: System): Pick<ScenarioEntry, 'records'> {
  const promised = found.flatMap(({ flow, of: { records: written } }) => {
    if (written === undefined) return [];
    // By another id than its own a record says of no request that it was written.
    const own = topics.flatMap(({ name, service, correlation, by }) =>
      correlation !== null && by === undefined && written.some((one) => fits(one, name))
        ? [{ name, service, correlation }]
        : [],
    );
    return [[flow, { written, topics: own }] as const];
  });
  return promised.length === 0 ? {} : { records: Object.fromEntries(promised) };
}

const fits = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`).test(name);

function problemsOf(
  { shown, text }: Script,
  description: unknown,
  issues: Parameters<typeof wordsOf>[0],
): readonly Problem[] {
  const valueAt = (path: readonly PropertyKey[]): unknown =>
    path.reduce<unknown>((at, key) => (isMap(at) ? at[String(key)] : undefined), description);
  return wordsOf(issues, valueAt).map(({ path, expected, said }) => {
    const named = said.keys ? path.slice(0, -1) : path;
    const subject = `${named.map(String).join('.') || 'description'}${said.keys ? ' key' : ''}`;
    const place = { file: shown, ...placeInScript(text, path) };
    return { subject, expected, ...gotAndNext(path, said, valueAt), place };
  });
}

interface FoundFlow {
  readonly flow: string;
  readonly service: string;
  readonly protocol: 'http' | 'grpc';
  /** The description that it comes from. */
  readonly of: z.output<typeof flow>;
}

/** One for each service whose name fits, in the order of the system. */
function flowsOf(name: string, one: z.output<typeof flow>, { services }: System): readonly FoundFlow[] {
  const keys = [...one.service.matchAll(/\{([a-z]+)\}/g)].map(([, key = '']) => key);
  const pattern = new RegExp(
    `^${one.service
      .split(/\{[a-z]+\}/)
      .map(literal)
      .join('(.+)')}$`,
  );
  return services.flatMap((service): FoundFlow[] => {
    const match = pattern.exec(service.name);
    const protocol = match && protocolOf(service, one.protocol);
    if (!match || !protocol) return [];
    const words = Object.fromEntries(keys.map((key, index) => [key, match[index + 1] ?? '']));
    return [{ flow: fillText(name, words), service: service.name, protocol, of: one }];
  });
}

const protocolOf = (
  { endpoints }: Service,
  asked: 'http' | 'grpc' | undefined,
): 'http' | 'grpc' | undefined =>
  endpoints
    .map((one) => one.protocol)
    .find((one): one is 'http' | 'grpc' => (one === 'http' || one === 'grpc') && (asked ?? one) === one);
