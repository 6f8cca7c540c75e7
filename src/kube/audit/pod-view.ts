/** What an audit needs of a pod. Unlike a victim, it may be broken in any way: every field may be missing. */
import type { ContainerView, EndView, PodView } from '../../core/acts/audit-acts.ts';
import { stamp } from '../pods/container-record.ts';
import { controllerOf, type OwnedJson } from '../pods/pod-record.ts';

interface EndJson {
  readonly reason?: string;
  readonly exitCode?: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

interface StatusJson {
  readonly name?: string;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: { readonly reason?: string }; readonly terminated?: EndJson };
  readonly lastState?: { readonly terminated?: EndJson };
}

export interface AuditedPodJson {
  readonly metadata?: OwnedJson & {
    readonly uid?: string;
    readonly name?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly {
      readonly type?: string;
      readonly status?: string;
      readonly reason?: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly initContainerStatuses?: readonly StatusJson[];
    readonly containerStatuses?: readonly StatusJson[];
  };
}

/** The owner is still that which the pod itself names: a ReplicaSet, where a Deployment made it. */
export function podView({ metadata = {}, status = {} }: AuditedPodJson): PodView {
  const { uid = '', name = '' } = metadata;
  const controller = controllerOf(metadata);
  const condition = (type: string) => status.conditions?.find((one) => one.type === type);
  const ready = condition('Ready');
  const scheduled = condition('PodScheduled');
  const unscheduled = scheduled?.status === 'False' ? (scheduled.reason ?? null) : null;
  return {
    ...{ uid, name },
    owner: controller === null ? `Pod/${name}` : `${controller.kind}/${controller.name}`,
    phase: status.phase ?? 'Pending',
    reason: status.reason ?? unscheduled,
    createdAt: stamp(metadata.creationTimestamp),
    goneBy: stamp(metadata.deletionTimestamp),
    isReady: ready?.status === 'True',
    readySince: stamp(ready?.lastTransitionTime),
    containers: [
      ...(status.initContainerStatuses ?? []).map((one) => containerView(one, true)),
      ...(status.containerStatuses ?? []).map((one) => containerView(one, false)),
    ],
  };
}

const containerView = (
  { name = '', restartCount = 0, state = {}, lastState = {} }: StatusJson,
  isInit: boolean,
): ContainerView => ({
  ...{ name, isInit, restarts: restartCount },
  waiting: state.waiting === undefined ? null : (state.waiting.reason ?? 'no reason given'),
  ended: endView(state.terminated),
  last: endView(lastState.terminated),
});

const endView = (json: EndJson | undefined): EndView | null =>
  json === undefined
    ? null
    : {
        reason: json.reason ?? 'unknown',
        exitCode: json.exitCode ?? 0,
        startedAt: stamp(json.startedAt),
        at: stamp(json.finishedAt),
      };
