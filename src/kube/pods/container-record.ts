/** What of a container's status matters here. Its id changes with every start, its name never. */
import type { ContainerEnd, ContainerState } from '../../core/acts/instance-acts.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';

interface EndJson {
  readonly exitCode?: number;
  readonly finishedAt?: string;
  readonly containerID?: string;
}

/** The part of `v1.ContainerStatus` that is read; everything may be missing in what an API server sends. */
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
  /** The kubelet's stamp, cut to the second; null = it does not run. */
  readonly startedAt: EpochMs | null;
}

/** In the order of the spec: statuses come in the order of their names. */
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

/** Null for what is no time. */
export function stamp(text: string | undefined): EpochMs | null {
  const value = Date.parse(text ?? '');
  return Number.isNaN(value) ? null : epochMs(value);
}
