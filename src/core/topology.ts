/**
 * What a target looks like to load, probes and faults: addresses and identities, no behaviour.
 * A target file or the sandbox resolves to this; nothing below `src/targets` knows which of them it was.
 */
export const SPECIALISTS = ['business', 'technical', 'behavior', 'evolution', 'architecture'] as const;
export type Specialist = (typeof SPECIALISTS)[number];

export interface KafkaEndpoint {
  readonly id: number;
  /** `host:port` as clients dial it (in the sandbox: the probe's own proxied link). */
  readonly client: string;
  /** `host:port` of the CONTROLLER listener, where it can be reached; asked for the true active controller. */
  readonly controller?: string;
}

export interface Topology {
  readonly platform: 'sandbox' | 'kubernetes' | 'none';
  /** What the target lock is taken on: two runs on one identity are refused. */
  readonly identity: string;
  readonly gateway?: { readonly url: string };
  readonly specialists: Readonly<Partial<Record<Specialist, string>>>;
  readonly kafka?: { readonly brokers: readonly KafkaEndpoint[] };
  readonly redis?: { readonly url: string };
}

/** A process of this machine, with an identity that a successor cannot have. */
export interface ProcessVictim {
  readonly service: string;
  readonly instance: string;
  readonly pid: number;
  /** Start time in clock ticks since boot (/proc/PID/stat field 22): with the pid it names one process for ever. */
  readonly startTicks: string;
}

/** A pod: names come back (StatefulSets), uids never do. */
export interface PodVictim {
  readonly service: string;
  /** The pod's name. */
  readonly instance: string;
  readonly namespace: string;
  readonly uid: string;
}

/** One running instance of a service. */
export type Victim = ProcessVictim | PodVictim;
