/**
 * The NetworkChaos objects of Gauntlet: their JSON, how they encode one impairment, and how they are found
 * again. Pods are named one by one: Chaos Mesh then selects exactly the planned ones, and its records can be
 * compared with the plan.
 */
import type { LinkDirection, LinkEffect } from '../../core/acts/link-acts.ts';
import type { Ms } from '../../core/units.ts';

export const GROUP = 'chaos-mesh.org';
export const API = `/apis/${GROUP}/v1alpha1`;
/**
 * The impairment's id, on each of its objects: the undo finds them by it, even when the answer to a create
 * was lost.
 */
export const IMPAIRMENT_LABEL = 'gauntlet.dev/impairment';
/** When we last asked its controller to check again. */
export const TOUCHED_ANNOTATION = 'gauntlet.dev/touched';
const LINKS_ANNOTATION = 'gauntlet.dev/links';

export interface ChaosObjectJson {
  /**
   * Other kinds have the same shape in the parts that are read here. Absent only if not read from an API
   * server.
   */
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly selector?: { readonly pods?: PodNames };
    /** For kinds that act on containers: each of these in each pod then has a record. */
    readonly containerNames?: readonly string[];
    readonly target?: { readonly selector?: { readonly pods?: PodNames } };
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
    readonly experiment?: {
      readonly desiredPhase?: string;
      readonly containerRecords?: readonly ChaosRecord[];
    };
  };
}

/** One for each selected pod or container; `id` is `namespace/pod` or `namespace/pod/container`. */
export interface ChaosRecord {
  readonly id?: string;
  /** `.` for the selector, `.Target` for the target's. */
  readonly selectorKey?: string;
  /** `Not Injected`, `Not Injected/Wait`, `Injected` or `Injected/Wait`. */
  readonly phase?: string;
  readonly injectedCount?: number;
  readonly recoveredCount?: number;
  readonly events?: readonly {
    readonly type?: string;
    readonly operation?: string;
    readonly message?: string;
  }[];
}

/** Names by namespace. */
export type PodNames = Readonly<Record<string, readonly string[]>>;

/** The server side, and the client side: pods, or addresses outside (Gauntlet's probes). */
export interface Ends {
  readonly namespace: string;
  readonly servers: PodNames;
  readonly clients: PodNames | { readonly cidrs: readonly string[] };
  readonly links: readonly string[];
}

/**
 * The duration starts at the creation and cannot be changed (Chaos Mesh's webhook refuses any change of a
 * spec), so it must cover the steps before the hold, the hold, and the removal: after it Chaos Mesh ends the
 * fault by itself.
 */
export const MARGIN_MS = 60_000;

export const durationOf = (holdMs: Ms): string => `${Math.ceil((holdMs + MARGIN_MS) / 1000)}s`;

export const nameOf = (id: string, index: number): string => `gauntlet-${id}-${index}`;
export const isNamedAfter = (name: string, id: string): boolean => name.startsWith(`gauntlet-${id}-`);

/** @param index among the objects of this impairment. */
export function networkChaos(id: string, index: number, ends: Ends, effect: LinkEffect, holdMs: Ms): object {
  const { servers, clients, namespace, links } = ends;
  const them =
    'cidrs' in clients
      ? { externalTargets: clients.cidrs }
      : { target: { mode: 'all', selector: { pods: clients } } };
  return {
    apiVersion: `${GROUP}/v1alpha1`,
    kind: 'NetworkChaos',
    metadata: {
      name: nameOf(id, index),
      namespace,
      labels: { [IMPAIRMENT_LABEL]: id },
      annotations: { [LINKS_ANNOTATION]: JSON.stringify(links) },
    },
    spec: {
      ...actionOf(effect),
      mode: 'all',
      selector: { pods: servers },
      ...them,
      duration: durationOf(holdMs),
    },
  };
}

/** From the server pods' view: `to` is their answers, `from` the requests to them. */
const WAYS: Readonly<Record<LinkDirection, string>> = { 'to-server': 'from', 'to-client': 'to' };

function actionOf(effect: LinkEffect): object {
  if (effect.kind === 'cut') {
    return {
      action: 'partition',
      direction: effect.direction === undefined ? 'both' : WAYS[effect.direction],
    };
  }
  if (effect.kind === 'throttle') {
    const { latencyMs = 0, jitterMs } = effect;
    const jitter = jitterMs === undefined ? {} : { jitter: `${jitterMs}ms` };
    // Delays the answers: behind a Service a client's own packets have an address that belongs to no pod.
    return {
      action: 'delay',
      direction: 'to',
      delay: { latency: `${latencyMs}ms`, correlation: '0', ...jitter },
    };
  }
  throw new Error(`NetworkChaos has no ${effect.kind}`);
}

/** The links that one of our objects disturbs. */
export function linksOf({ metadata }: ChaosObjectJson): readonly string[] {
  try {
    const links: unknown = JSON.parse(metadata?.annotations?.[LINKS_ANNOTATION] ?? '[]');
    return Array.isArray(links) ? links.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export const idOf = ({ metadata }: ChaosObjectJson): string => metadata?.labels?.[IMPAIRMENT_LABEL] ?? '';
export const sayObject = ({ kind = 'NetworkChaos', metadata }: ChaosObjectJson): string =>
  `${kind} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
