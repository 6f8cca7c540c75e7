/**
 * Every act that a fault may ask a platform for, by group, as named in `Fault.permissions`. Preflight asks
 * the platform for these; `gauntlet faults` and `gauntlet rbac` print them. A misspelt act does not compile.
 */

/** Acts that only read. */
export const READING_ACTS = {
  links: ['list'],
  instances: ['list', 'lives', 'successors'],
  placement: ['node', 'owner', 'zone'],
  workloads: ['list', 'read', 'scaler'],
  kafka: ['leaderOf', 'controller', 'partitions', 'topic', 'config', 'tryConfig', 'writes'],
  redis: ['identity', 'config', 'figures', 'pauses', 'keptConnection'],
  http: ['list'],
  stress: ['means', 'cpu', 'list'],
  cpuLimit: ['list', 'heldPeriods'],
  memory: ['means', 'list', 'endedAt'],
  audit: ['list'],
} as const;

/** Acts that change the target. Each one's undo is in the journal before it starts. */
export const CHANGING_ACTS = {
  links: ['impair', 'renew', 'heal', 'delay'],
  instances: ['signal', 'stop', 'remove', 'evict', 'order'],
  containers: ['signal'],
  workloads: ['roll', 'scale'],
  kafka: ['setConfig'],
  redis: ['setConfig', 'pause', 'renewPause', 'endPause', 'killNormalConnections'],
  http: ['put', 'renew', 'end'],
  stress: ['begin', 'renew', 'end'],
  podStress: ['begin', 'renew', 'end'],
  cpuLimit: ['set'],
  memory: ['begin', 'renew', 'end'],
} as const;

type NamesOf<Groups extends Readonly<Record<string, readonly string[]>>> = {
  [Group in keyof Groups & string]: `${Group}.${Groups[Group][number]}`;
}[keyof Groups & string];

export type ActName = NamesOf<typeof READING_ACTS> | NamesOf<typeof CHANGING_ACTS>;

/** `links.impair` and so on. */
export const changingActs: readonly ActName[] = Object.entries(CHANGING_ACTS).flatMap(([group, names]) =>
  names.map((name) => `${group}.${name}` as ActName),
);

/** The part before the dot. */
export type ActGroup = ActName extends `${infer Group}.${string}` ? Group : never;

export const groupOf = (act: ActName): ActGroup => act.slice(0, act.indexOf('.')) as ActGroup;
