/** The acts on links: what disturbs them, and what whoever carries them counts. */
import type { Victim } from '../topology.ts';
import type { Ms } from '../units.ts';

/** Which way bytes travel: to the one who was dialled, or back to the one who dialled. */
export type LinkDirection = 'to-server' | 'to-client';

/**
 * How a link is disturbed. `cut`: bytes stop in both directions or in one, connections stay open; new ones
 * hang when nothing reaches the server. `reset`: open connections get an RST once, and each new one at once.
 */
export type LinkEffect =
  | { readonly kind: 'cut'; readonly direction?: LinkDirection }
  | { readonly kind: 'reset' }
  | {
      readonly kind: 'throttle';
      /** For all connections of all the links together, per direction; absent = unlimited. */
      readonly bitsPerSecond?: number;
      /** Added once per direction of travel towards the server; see docs/faults. */
      readonly latencyMs?: number;
      /** Uniform in ± jitterMs around latencyMs, seeded. */
      readonly jitterMs?: number;
      readonly seed?: number;
    };

export interface Impairment {
  /** Chosen by the fault and journalled before it is applied, so that anybody can remove it. */
  readonly id: string;
  /** Exact link names, such as `gateway->redis` or `kafka-1->kafka-2`. */
  readonly links: readonly string[];
  readonly effect: LinkEffect;
  /** The proxy itself ends the impairment after this time unless it is renewed. */
  readonly ttlMs: number;
  /**
   * How long it is meant to be held once it is proven: for a carrier whose deadline cannot be moved
   * afterwards.
   */
  readonly holdMs?: number;
}

/**
 * What whoever carries the link counted in one direction: since it started, but for `stuckBytes`, which is of
 * now.
 */
export interface LinkFlow {
  /** Handed on. */
  readonly bytes: number;
  readonly chunks: number;
  /** Time that the chunks handed on were held before, summed, in ms; 0 on a link that is not impaired. */
  readonly heldMs: number;
  /**
   * Taken from a sender and held back by a cut; more may wait with the sender. Of a kernel that drops: what
   * it dropped.
   */
  readonly stuckBytes: number;
  /**
   * Only where packets are dropped instead of held: those that a cut or a limit of rate took. Sent again,
   * they count again.
   */
  readonly droppedPackets?: number;
}

export interface LinkTraffic {
  readonly toServer: LinkFlow;
  readonly toClient: LinkFlow;
  /** Connections open now for which no server was dialled: a cut holds them. */
  readonly waiting: number;
  /** Connections that an impairment has reset, since the link was opened. */
  readonly resets: number;
}

/**
 * Connections that were opened before an impairment and are kept through it without a byte: only keepalives
 * cross them.
 */
export interface HeldConnections {
  /** Their last keepalive was answered, or is still awaited. */
  readonly passing: number;
  /** Two keepalives or more are unanswered. */
  readonly silent: number;
  /**
   * Ended by the other side, or by the end of who held them: nobody can tell whether they would still pass.
   */
  readonly ended: number;
  /** Since the last answer to any of the silent ones, at least; 0 when there is none. */
  readonly silentMs: number;
  /** It may be as much longer. */
  readonly silentBoundMs: number;
  /** An answer is asked for so often. */
  readonly askedEveryMs: number;
}

export interface LinkState {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly connections: number;
  readonly bytes: number;
  readonly traffic: LinkTraffic;
  readonly impairedBy: readonly string[];
  /** Each of which holds a rate of its own (pods that dial). Absent: one, the proxy. */
  readonly carriers?: number;
  /**
   * Present: nobody counts on this link (its traffic is all zero), and only the probes of these dependencies,
   * which cross it, can prove an effect. Absent: its counters prove.
   */
  readonly seenBy?: readonly string[];
  /**
   * Only where nothing counts what others send: what a cut must show besides new connections that do not come
   * through.
   */
  readonly held?: HeldConnections;
}

export interface LinkActs {
  /**
   * What nobody can tell of these links before a fault is tried on them, for who only asks what would work.
   */
  readonly caution?: string;
  list(): Promise<readonly LinkState[]>;
  impair(impairment: Impairment): Promise<void>;
  /** False when no such impairment is in place any more: it has expired or was never there. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent: removing what is not there is a success. */
  heal(id: string): Promise<void>;
  /**
   * Only where links are not those of a proxy; reads only.
   * @throws refused for an effect that these links cannot take, with what to do instead.
   */
  preview?(links: readonly string[], effect: LinkEffect): Promise<LinkPreview>;
}

/**
 * What a plan must say of a fault on links before it is done, where the links are not those of a proxy from
 * the start.
 */
export interface LinkPreview {
  /** The instances in which it is done: the platform's guard is asked about them. */
  readonly instances: readonly Victim[];
  /** How it looks here, what ends it, what stays behind. */
  readonly notes: readonly string[];
}
