/**
 * Asks k6 about a foreign script, without running it: `k6 deps` names what it imports, `k6 inspect` evaluates
 * its init code, in which k6 refuses requests, and checks its executors. Takes about 100 ms.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ReadFlow, ReadScript, ScriptReading } from '../core/foreign-script.ts';
import { ms } from '../core/units.ts';
import { askK6 as ask, saidIn } from './ask-k6.ts';
import { isExportable, readingEntry, runningEntry } from './foreign-entry.ts';
import { executorsOf } from './foreign-executors.ts';
import { flagsOf } from './foreign-flags.ts';
import { k6DurationMs } from './k6-duration.ts';

export interface ScriptQuestion {
  /** The k6 binary. */
  readonly k6: string;
  /** Absolute path of the script. */
  readonly file: string;
  /** Of the script: addresses and secrets may be placeholders. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the campaign gives the schedule, so that the script's own executors do not matter. */
  readonly isGiven: boolean;
}

const HOOKS = ['setup', 'teardown', 'handleSummary'];
const EXPECTED = 'a script that k6 can run';

export async function readForeignScript(question: ScriptQuestion): Promise<ScriptReading> {
  const { file, isGiven } = question;
  const deps = await ask(question, ['deps', '--json', file], undefined);
  if (!deps.ok) return refused(deps.why);
  const { imports } = deps.value as { readonly imports: readonly string[] };
  if (imports.includes('k6/browser'))
    return refused('an import of k6/browser', 'Pages cannot be measured as requests: leave that script out.');
  const inspected = await ask(question, ['inspect', '--include-system-env-vars', '-'], readingEntry(file));
  if (!inspected.ok) return refused(inspected.why);
  const { names, options } = saidIn(inspected.value);
  const exports = Object.keys(names);
  const functions = exports.filter(
    (one) => names[one] === 'function' && !HOOKS.includes(one) && isExportable(one),
  );
  const has = (hook: string): boolean => names[hook] === 'function';
  const hooks = { hasSetup: has('setup'), hasTeardown: has('teardown') };
  const checked = await executors(question, functions, hooks);
  if ('why' in checked) return refused(checked.why);
  const flows = isGiven ? [] : checked.flows;
  const script: ReadScript = {
    file,
    digest: digestOf(imports),
    functions,
    ...hooks,
    thresholds: thresholdsOf(options['thresholds']),
    totalMs: checked.totalMs,
    flags: flagsOf({ options, imports, exports, flows }),
    flows,
  };
  return { ok: true, script };
}

type Checked = { readonly flows: readonly ReadFlow[]; readonly totalMs: ReadScript['totalMs'] };

/** k6 checks the entry as it will run, so that a wrong option is refused in k6's own words. */
async function executors(
  question: ScriptQuestion,
  functions: readonly string[],
  hooks: { readonly hasSetup: boolean; readonly hasTeardown: boolean },
): Promise<Checked | { readonly why: string }> {
  const { file: script, isGiven } = question;
  if (functions.length === 0) return { why: 'no exported function to run' };
  const given = {
    executor: 'given',
    exec: functions[0] ?? '',
    arrival: { executor: 'constant-arrival-rate', rate: 1, timeUnit: '1s', duration: '1s' } as const,
    ...{ vus: 1, gracefulStopMs: 0, tags: {} },
  };
  const entry = runningEntry({ script, functions, ...hooks, ...(isGiven && { given }) });
  const asked = await ask(
    question,
    ['inspect', '--include-system-env-vars', '--execution-requirements', '-'],
    entry,
  );
  if (!asked.ok) return { why: asked.why };
  const { scenarios, totalDuration } = asked.value as {
    readonly scenarios: object;
    readonly totalDuration: unknown;
  };
  return {
    flows: executorsOf((scenarios ?? {}) as Parameters<typeof executorsOf>[0]),
    totalMs: ms(k6DurationMs(totalDuration) ?? 0),
  };
}

const refused = (got: string, next?: string): ScriptReading => ({
  ok: false,
  expected: EXPECTED,
  got,
  ...(next !== undefined && { next }),
});

function thresholdsOf(written: unknown): Record<string, readonly string[]> {
  const said = (one: unknown): string =>
    typeof one === 'string' ? one : String((one as { threshold?: unknown } | null)?.threshold ?? one);
  const all = Object.entries((written ?? {}) as Record<string, unknown>);
  return Object.fromEntries(all.map(([metric, list]) => [metric, [list].flat().map(said)]));
}

/** Of the script and what it imports from this machine; files that it opens while it runs are not known. */
function digestOf(imports: readonly string[]): string {
  const hash = createHash('sha256');
  for (const one of imports.filter((url) => url.startsWith('file://')).sort()) {
    const bytes = readFileSync(fileURLToPath(one));
    hash.update(`${one}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
