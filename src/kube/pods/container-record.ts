/** The parts of a container's status that matter here. Its id changes with every start, its name never. */
import type { ContainerEnd, ContainerState } from '../../core/acts/instance-acts.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';

interface EndJson {
  readonly exitCode?: number;
  readonly finishedAt?: string;
  readonly containerID?: string;
}

/** The part of `v1.ContainerStatus` that is read; every field may be missing in an API server's answer. */
export interface ContainerStatusJson {
  readonly name?: string;
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly ready?: boolean;
  readonly state?: {
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: EndJson;
  };
  readonly lastState?: { readonly terminated?: EndJson };
}

export interface ContainerRecord extends ContainerState {
  /** The kubelet's timestamp, truncated to the second; null = not running. */
  readonly startedAt: EpochMs | null;
}

/** In the order of the spec: statuses are ordered by name. */
export function containersOf(
  spec: readonly { readonly name?: string }[],
  statuses: readonly ContainerStatusJson[],
): readonly ContainerRecord[] {
  return spec.map(({ name = '' }) => {
    const { state = {}, lastState, containerID, ...status } = statuses.find((one) => one.name === name) ?? {};
    return {
      name,
      id: state.running === undefined ? null : (containerID ?? null),
      ready: status.ready ?? false,
      restarts: status.restartCount ?? 0,
      startedAt: stamp(state.running?.startedAt),
      lastEnd: endOf(state.terminated ?? lastState?.terminated),
    };
  });
}

const endOf = (json: EndJson | undefined): ContainerEnd | null =>
  json?.containerID === undefined
    ? null
    : { id: json.containerID, exitCode: json.exitCode ?? 0, at: stamp(json.finishedAt) };

/** Null for text that is not a time. */
export function stamp(text: string | undefined): EpochMs | null {
  const value = Date.parse(text ?? '');
  return Number.isNaN(value) ? null : epochMs(value);
}
