/**
 * The generated scripts that k6 gets on standard input in place of a foreign script: one to read it, one to
 * run it. Both import it by its absolute path, so its bytes are unchanged, and what it opens is relative to
 * itself; k6's working directory is its folder, because protos and `k6/experimental/fs` are relative to the
 * entry.
 */
import { pathToFileURL } from 'node:url';
import type { K6Arrival } from './k6-flow.ts';

const importOf = (script: string): string =>
  `import * as script from ${JSON.stringify(pathToFileURL(script).href)};`;

/** `k6 inspect` prints each export with its type, and the options as written. */
export const readingEntry = (script: string): string => `${importOf(script)}
const names = Object.fromEntries(Object.keys(script).map((name) => [name, typeof script[name]]));
export const options = { ext: { gauntlet: { names, options: script.options ?? null } } };
export default function () {}
`;

/** One executor of the campaign in place of the script's own. */
export interface GivenSchedule {
  readonly executor: string;
  readonly exec: string;
  readonly arrival: K6Arrival;
  readonly vus: number;
  readonly gracefulStopMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RunningEntry {
  readonly script: string;
  /** Functions that an executor may call. */
  readonly functions: readonly string[];
  readonly hasSetup: boolean;
  readonly hasTeardown: boolean;
  /** Absent: the script's own executors. */
  readonly given?: GivenSchedule;
}

/** The name of the requests for a token: they are no part of the load. */
export const TOKEN_REQUEST = 'gauntlet-token';

/**
 * A script may call `gauntletToken()` in its functions; without `auth` in the target it gives nothing. The
 * names begin with gauntlet, since functions of the script are exported beside them.
 */
const TOKEN: readonly string[] = [
  'const gauntletDoor = __ENV.GAUNTLET_TOKEN_URL;',
  'let gauntletHeld = gauntletDoor === undefined',
  '  ? { token: __ENV.GAUNTLET_TOKEN, askAgainAt: Infinity }',
  '  : JSON.parse(__ENV.GAUNTLET_TOKEN_HELD);',
  'globalThis.gauntletToken = () => {',
  '  if (Date.now() < gauntletHeld.askAgainAt) return gauntletHeld.token;',
  '  gauntletHeld.askAgainAt = Date.now() + 500;',
  `  const how = { responseType: 'text', timeout: '1s', tags: { name: '${TOKEN_REQUEST}' } };`,
  '  const answer = gauntletHttp.get(gauntletDoor, how);',
  '  if (answer.status === 200) gauntletHeld = JSON.parse(answer.body);',
  '  return gauntletHeld.token;',
  '};',
];

/**
 * Each function that an executor calls is wrapped: an interrupted iteration has no row of its own in k6's
 * samples, and one that threw has the same rows as a good one. `handleSummary` is left out, because it could
 * write files, and so is `abortOnFail` of the thresholds: the campaign decides when a run ends.
 */
export function runningEntry({ script, functions, hasSetup, hasTeardown, given }: RunningEntry): string {
  const exports = functions.map((name) =>
    name === 'default'
      ? 'export default wrapped(script.default);'
      : `export const ${name} = wrapped(script[${JSON.stringify(name)}]);`,
  );
  return [
    importOf(script),
    "import gauntletHttp from 'k6/http';",
    "import { Counter } from 'k6/metrics';",
    ...TOKEN,
    "const started = new Counter('gauntlet_started');",
    "const threw = new Counter('gauntlet_threw');",
    'function failed(error) { threw.add(1); throw error; }',
    'function wrapped(iteration) {',
    '  return function (...given) {',
    '    started.add(1);',
    '    let answer;',
    '    try { answer = iteration.apply(this, given); } catch (error) { failed(error); }',
    "    return answer && typeof answer.then === 'function' ? answer.then(undefined, failed) : answer;",
    '  };',
    '}',
    ...exports,
    ...(hasSetup ? ['export const setup = script.setup;'] : []),
    ...(hasTeardown ? ['export const teardown = script.teardown;'] : []),
    'const own = script.options ?? {};',
    'const calm = (one) => (typeof one === "string" ? one : { ...one, abortOnFail: false });',
    'const thresholds = Object.fromEntries(',
    '  Object.entries(own.thresholds ?? {}).map(([name, all]) => [name, [].concat(all).map(calm)]),',
    ');',
    `const given = ${given === undefined ? '{}' : JSON.stringify(optionsOf(given))};`,
    'export const options = { ...own, ...given, thresholds, paused: false };',
    '',
  ].join('\n');
}

/** Null replaces what k6 would make executors of. */
function optionsOf({ executor, exec, arrival, vus, gracefulStopMs, tags }: GivenSchedule): object {
  const scenario = {
    ...arrival,
    exec,
    preAllocatedVUs: vus,
    maxVUs: vus,
    gracefulStop: `${gracefulStopMs}ms`,
    tags,
  };
  const none = { vus: null, duration: null, iterations: null, stages: null };
  return { ...none, scenarios: { [executor]: scenario } };
}

/** What an entry can export: a script may have other names by `export { x as "…" }`. */
export const isExportable = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name);
