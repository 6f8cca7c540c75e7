/**
 * The containers of a Compose service as a workload: how many of them run. An engine keeps no number, so fewer
 * means that the last ones are stopped, as `docker stop` does it, and the former number that they are started.
 * No container is made or removed.
 */
import type { DockerHandle } from '../../core/acts/docker-handle.ts';
import type {
  Workload,
  WorkloadActs,
  WorkloadObjection,
  WorkloadState,
} from '../../core/acts/workload-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { type Container, containersOf, inspect, isThisRun, placeOf } from './containers.ts';
import type { Engine } from './engine.ts';
import type { OneEngine } from './one-engine.ts';
import { serviceOf } from './service-of.ts';

const KIND = 'Compose service';
const NO_ROLL: WorkloadObjection = {
  why: 'a Docker engine, which replaces no containers in turn',
  fix: 'Use restart-storm or kill-pod.',
};
/** Beyond the time that a container has to drain, until the engine has killed it. */
const STOP_MARGIN_MS = 5000;
const LOOK_EVERY_MS = ms(200);

export function dockerWorkloads(
  { services }: Pick<DockerHandle, 'services'>,
  one: OneEngine,
  clock: Clock,
): WorkloadActs {
  const of = async (service: string): Promise<readonly Container[]> =>
    inTheirOrder(await containersOf(await one.engine(), serviceOf(services, service)));
  /** Those of this workload that still exist; another party may have made others since. */
  const ofThis = async (workload: Workload): Promise<readonly Container[]> => {
    const runs = runsOf(workload);
    return workload.kind === KIND
      ? (await of(workload.service)).filter(({ id }) => runs.some((run) => isOf(run, id)))
      : [];
  };
  return {
    async list(service) {
      const found = await of(service);
      return found.length === 0 ? [] : [stateOf(service, found)];
    },

    async read(workload) {
      const found = await ofThis(workload);
      return found.length === 0 ? null : { ...stateOf(workload.service, found), ...workload };
    },

    scaler: async () => null,

    async roll({ name }) {
      const expected = 'a platform that replaces instances in turn';
      throw new GauntletError('refused', [{ subject: `${KIND} ${name}`, expected, got: NO_ROLL.why }]);
    },

    async scale(workload, from, to) {
      const found = await ofThis(workload);
      if (found.length === 0) return 'gone';
      const running = found.filter((each) => each.isRunning);
      const engine = await one.engine();
      if (to < from) {
        if (running.length !== from) return 'changed';
        await stopAll(engine, running.slice(to));
        return 'set';
      }
      // A stop that was asked for by a harness that is dead by now may still be under way.
      const stopping = found.slice(from).filter((each) => isRunOf(workload, each));
      await Promise.all(stopping.map((each) => untilStopped(engine, each, clock)));
      const now = await ofThis(workload);
      const missing = Math.max(0, to - now.filter((each) => each.isRunning).length);
      await Promise.all(
        now
          .filter((each) => !each.isRunning)
          .slice(0, missing)
          .map(({ id }) => engine.act('POST', `/containers/${id}/start`, [204, 304, 404])),
      );
      return 'set';
    },
  };
}

function stateOf(service: string, found: readonly Container[]): WorkloadState {
  const running = found.filter((each) => each.isRunning);
  const [first] = found;
  const ended = found.filter((each) => !each.isRunning).map(({ name }) => name);
  return {
    ...{ service, kind: KIND, name: service, uid: uidOf(found) },
    namespace: (first && placeOf(first).project) ?? null,
    ...{ replicas: running.length, most: found.length, mark: null, updated: 0, isSettled: true },
    ...{ mostMissing: 1, noRestart: NO_ROLL },
    setBy:
      ended.length === 0
        ? null
        : { why: `${ended.join(', ')}, which does not run`, fix: 'Start it, or remove it, first.' },
  };
}

/** Which containers, and which run of each: the undo may come when a stop has not ended yet. */
const uidOf = (found: readonly Container[]): string =>
  found.map(({ id, startTime }) => `${id}@${startTime}`).join(' ');
const runsOf = ({ uid }: Workload): readonly string[] => uid.split(' ');
const isOf = (run: string, id: string): boolean => run.startsWith(`${id}@`);
const isRunOf = (workload: Workload, { id, startTime, isRunning }: Container): boolean =>
  isRunning && runsOf(workload).includes(`${id}@${startTime}`);

/** As Compose numbers them. */
const inTheirOrder = (found: readonly Container[]): readonly Container[] =>
  [...found].sort((a, b) => numberOf(a) - numberOf(b));
const numberOf = (one: Container): number => Number(placeOf(one).number ?? 0);

/** Resolves when they have drained, or the engine has killed them. */
const stopAll = async (engine: Engine, containers: readonly Container[]): Promise<void> => {
  const stops = containers.map(({ id, graceMs }) =>
    engine.order('POST', `/containers/${id}/stop`, [204, 304, 404], graceMs + STOP_MARGIN_MS),
  );
  await Promise.all(stops);
};

/** Or until a stop would have ended it. */
async function untilStopped(
  engine: Engine,
  { id, startTime, graceMs }: Container,
  clock: Clock,
): Promise<void> {
  const until = clock.now() + graceMs + STOP_MARGIN_MS;
  while (clock.now() < until) {
    if (!isThisRun(await inspect(engine, id), { startTime })) return;
    await clock.sleep(LOOK_EVERY_MS);
  }
}
