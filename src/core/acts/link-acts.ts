/** The acts on links: how they are disturbed, and what the proxy or kernel in the path counts. */
import type { Victim } from '../topology.ts';
import type { Ms } from '../units.ts';

/** The direction in which bytes travel: towards the server that was dialled, or back to the client. */
export type LinkDirection = 'to-server' | 'to-client';

/**
 * How a link is disturbed. `cut`: bytes stop in both directions or in one, connections stay open; new ones
 * hang when no byte reaches the server. `reset`: open connections get an RST once, and each new one at once.
 * `reject`: a new connection is accepted, gets the answer and is closed, as by a server at its limit of
 * connections; the server is not dialled, and open connections continue.
 */
export type LinkEffect =
  | { readonly kind: 'cut'; readonly direction?: LinkDirection }
  | { readonly kind: 'reset' }
  | {
      readonly kind: 'reject';
      /** What the server itself would send before it closes. Absent: it closes without an answer. */
      readonly answer?: string;
    }
  | {
      readonly kind: 'throttle';
      /** Shared by all connections of all these links, per direction; absent = unlimited. */
      readonly bitsPerSecond?: number;
      /** Added once per direction of travel towards the server; see docs/faults. */
      readonly latencyMs?: number;
      /** Uniform in ± jitterMs around latencyMs, seeded. */
      readonly jitterMs?: number;
      readonly seed?: number;
    };

export interface Impairment {
  /** Chosen by the fault and journalled before it is applied, so that any process can remove it. */
  readonly id: string;
  /** Exact link names, such as `web->redis` or `kafka-1->kafka-2`. */
  readonly links: readonly string[];
  readonly effect: LinkEffect;
  /** The proxy itself ends the impairment after this time unless it is renewed. */
  readonly ttlMs: number;
  /** How long it will be held after its proof: for a carrier whose deadline cannot be moved afterwards. */
  readonly holdMs?: number;
}

/**
 * What the carrier of the link (proxy or kernel) counted in one direction, since the carrier started.
 * `stuckBytes` is a current value.
 */
export interface LinkFlow {
  /** Bytes and chunks that were forwarded. */
  readonly bytes: number;
  readonly chunks: number;
  /** Sum over forwarded chunks of the time that each was held, in ms; 0 on a link that is not impaired. */
  readonly heldMs: number;
  /**
   * Received from a sender and held by a cut; more may wait at the sender. For a kernel that drops: the bytes
   * dropped.
   */
  readonly stuckBytes: number;
  /**
   * Present only where packets are dropped and not held: those lost to a cut or a rate limit. A retransmitted
   * packet counts again.
   */
  readonly droppedPackets?: number;
}

export interface LinkTraffic {
  readonly toServer: LinkFlow;
  readonly toClient: LinkFlow;
  /** Connections open now that have no connection to a server yet: a cut holds them. */
  readonly waiting: number;
  /** Connections that an impairment has reset since the link was opened. */
  readonly resets: number;
  /**
   * New connections that an impairment has rejected since the link was opened. Absent: this carrier rejects
   * none, and `reject` is refused on it.
   */
  readonly rejected?: number;
}

/**
 * Connections that were opened before an impairment and stay open during it without payload: only keepalives
 * cross them.
 */
export interface HeldConnections {
  /** Their last keepalive was answered, or its answer is still pending. */
  readonly passing: number;
  /** At least two keepalives are unanswered. */
  readonly silent: number;
  /** Ended by the other side, or because their owner ended: unknown whether they would still pass. */
  readonly ended: number;
  /** Time since the last answer to any of the silent ones: lower bound. 0 when there is none. */
  readonly silentMs: number;
  /** How much longer that time may be. */
  readonly silentBoundMs: number;
  /** Interval between keepalives. */
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
  /** Carriers that each apply the rate by themselves (pods that dial). Absent: one, the proxy. */
  readonly carriers?: number;
  /**
   * Present: nothing counts on this link (its traffic is all zero). Only the probes of these dependencies
   * cross it and can prove an effect. Absent: its counters prove the effect.
   */
  readonly seenBy?: readonly string[];
  /**
   * Present only where nothing counts the bytes of other senders: what a cut must show besides new
   * connections that fail.
   */
  readonly held?: HeldConnections;
}

export interface LinkActs {
  /**
   * What is unknown about these links until a fault is tried on them; for callers that only ask whether it
   * would work.
   */
  readonly caution?: string;
  list(): Promise<readonly LinkState[]>;
  impair(impairment: Impairment): Promise<void>;
  /** False when no such impairment is in place: it has expired or was never there. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent: removing what is not there is a success. */
  heal(id: string): Promise<void>;
  /**
   * Present only where links do not pass through a proxy; reads only.
   * @throws refused for an effect that these links do not support, with the alternative.
   */
  preview?(links: readonly string[], effect: LinkEffect): Promise<LinkPreview>;
}

/**
 * What a plan must state about a fault on links before it starts, where the links do not pass through a proxy
 * from the start.
 */
export interface LinkPreview {
  /** The instances in which the fault acts: the platform's guard checks them. */
  readonly instances: readonly Victim[];
  /** How the fault works here, what ends it, and what remains afterwards. */
  readonly notes: readonly string[];
}
