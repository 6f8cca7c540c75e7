/**
 * Whether an object of Chaos Mesh is in place, and whether it is gone, by each of its records. Never by a
 * condition: AllRecovered is also true when nothing was ever injected, when the first try failed, and when
 * the object was created paused. Pure.
 */
import type { ChaosObjectJson, ChaosRecord, PodNames } from './network-chaos.ts';

/** The finalizer that Chaos Mesh adds to an object before it touches a pod. */
const RECORDS_FINALIZER = 'chaos-mesh/records';

/** Null: every named pod has a record, and each record is injected. Otherwise why not. */
export function notInjected(object: ChaosObjectJson): string | null {
  const { metadata, spec, status } = object;
  if (metadata?.deletionTimestamp !== undefined) return 'it is being deleted';
  const records = status?.experiment?.containerRecords ?? [];
  if (records.length === 0) {
    return metadata?.finalizers?.includes(RECORDS_FINALIZER)
      ? 'Chaos Mesh accepted it and selected no pod (is its namespace annotated, where Chaos Mesh requires that?)'
      : 'no record and no finalizer: no Chaos Mesh controller works on it';
  }
  if (status?.experiment?.desiredPhase === 'Stop')
    return 'Chaos Mesh has stopped it (its time is over, or it is paused)';
  const wanted = [...recordsOf(spec), ...keys('.Target', spec?.target?.selector?.pods)];
  const unseen = wanted.filter((key) => !records.some((one) => keyOf(one) === key));
  if (unseen.length > 0)
    return `no record of ${unseen.map((key) => key.slice(key.indexOf(' ') + 1)).join(', ')}`;
  const missing = records.filter((one) => !isInjected(one));
  return missing.length === 0 ? null : several(missing, records.length, 'injected');
}

/**
 * Null: every injection was recovered. Otherwise what was not.
 * @param object its last state: while it exists it is not gone, whatever its records report.
 */
export function notRecovered({ status }: ChaosObjectJson): string | null {
  const records = status?.experiment?.containerRecords ?? [];
  const missing = records.filter((one) => !isRecovered(one));
  return missing.length === 0 ? null : several(missing, records.length, 'recovered');
}

/**
 * What a person can do about an object that remains although it is being deleted, as the rest of a sentence;
 * empty when unknown. A record that waits after a failed apply waits forever; with its pod gone Chaos Mesh
 * releases the object in 2 s.
 */
export function wayOut({ metadata, status }: ChaosObjectJson): string {
  if (metadata?.deletionTimestamp === undefined) return '';
  const waiting = (status?.experiment?.containerRecords ?? []).filter((one) => one.phase?.endsWith('/Wait'));
  const pods = [...new Set(waiting.map(({ id = '' }) => id.split('/').slice(0, 2).join('/')))];
  if (pods.length === 0) return '';
  const commands = pods.slice(0, 3).map((pod) => {
    const [namespace, name] = pod.split('/');
    return `kubectl delete pod ${name} -n ${namespace}`;
  });
  return ` (to remove it: ${commands.join('; ')}; Chaos Mesh releases it with its pod)`;
}

const isInjected = (one: ChaosRecord): boolean =>
  one.phase === 'Injected' && (one.injectedCount ?? 0) > (one.recoveredCount ?? 0);

const isRecovered = (one: ChaosRecord): boolean =>
  one.phase === 'Not Injected' && (one.recoveredCount ?? 0) >= (one.injectedCount ?? 0);

const keyOf = ({ selectorKey = '.', id = '' }: ChaosRecord): string => `${selectorKey} ${id}`;

const recordsOf = ({ selector, containerNames }: NonNullable<ChaosObjectJson['spec']> = {}) =>
  keys('.', selector?.pods).flatMap((key) => containerNames?.map((name) => `${key}/${name}`) ?? [key]);

const keys = (selector: string, pods: PodNames = {}): readonly string[] =>
  Object.entries(pods).flatMap(([namespace, names]) =>
    names.map((name) => `${selector} ${namespace}/${name}`),
  );

function several(missing: readonly ChaosRecord[], all: number, what: string): string {
  const named = missing.slice(0, 3).map(sayRecord);
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return `${missing.length} of ${all} records not ${what}: ${named.join('; ')}${more}`;
}

function sayRecord({ id, phase, injectedCount = 0, recoveredCount = 0, events = [] }: ChaosRecord): string {
  const failed = events.filter((one) => one.type === 'Failed').at(-1);
  const why = failed === undefined ? '' : `, ${failed.operation} failed: ${failed.message}`;
  return `${id} is ${phase} (injected ${injectedCount}, recovered ${recoveredCount}${why})`;
}
