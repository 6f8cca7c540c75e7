/**
 * A system under test as data: what exists, who dials whom, and what a good answer is. Where one copy of it
 * runs is a target; the code knows protocols, and no system by name.
 */
import type { AuditRules } from './audit.ts';
import type { Place } from './errors.ts';
import type { Ms } from './units.ts';

/** Those of src/protocols/registry.ts; these have acts or load of their own. */
export type Protocol = 'http' | 'grpc' | 'kafka' | 'redis' | 'postgres' | 'tcp' | (string & {});

/** `${id}`, `${now}`, `${orders.address}`: filled in for each question. */
export type Template = string;

/** What a value at a path of an answer must be. */
export type Wanted =
  | { readonly kind: 'one-of'; readonly values: readonly unknown[] }
  | { readonly kind: 'not'; readonly value: unknown }
  | { readonly kind: 'exists'; readonly exists: boolean }
  | { readonly kind: 'matches'; readonly pattern: string };

/** Dotted paths into an answer. */
export type WantedFields = Readonly<Record<string, Wanted>>;

export const HTTP_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** A body: a map as written, or the absolute path of a JSON file. */
export type Body =
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'file'; readonly file: string };

export interface HttpAsk {
  readonly kind: 'http';
  readonly method: HttpMethod;
  readonly path: Template;
  readonly headers: Readonly<Record<string, Template>>;
  readonly body: Body | null;
  /** Inclusive ranges of statuses. */
  readonly statuses: readonly (readonly [number, number])[];
  readonly fields: WantedFields;
}

/** OK is implied. */
export interface GrpcAsk {
  readonly kind: 'grpc';
  /** `package.Service` and `Method`. */
  readonly service: string;
  readonly method: string;
  readonly request: Body | null;
  readonly fields: WantedFields;
}

/** The cheapest question of the protocol; of `tcp` a connection. */
export interface ConnectAsk {
  readonly kind: 'connect';
}

/** One row. */
export interface SqlAsk {
  readonly kind: 'sql';
  readonly statement: string;
}

/** A round trip through another service: what is sent there is heard here. */
export interface EchoAsk {
  readonly kind: 'echo';
  readonly send: {
    readonly to: string;
    readonly topic?: string;
    readonly channel?: string;
    readonly body: Body;
  };
  readonly websocket: Template;
  readonly fields: WantedFields;
  readonly withinMs: Ms;
}

/** Of a protocol that nothing but its own file looks into. */
export interface OwnAsk {
  readonly kind: 'own';
  readonly written: unknown;
}

export type Question = HttpAsk | GrpcAsk | ConnectAsk | SqlAsk | EchoAsk | OwnAsk;

/**
 * A named question. `ready` is the probe; `contract` is asked once before load; others when a campaign names
 * them.
 */
export interface Ask {
  /** Null: the usual one of that name, as if it were not written. */
  readonly question: Question | null;
  /** Null: as every probe. */
  readonly everyMs: Ms | null;
  readonly timeoutMs: Ms | null;
}

export interface Endpoint {
  readonly protocol: Protocol;
  /** Null: the protocol's own, or as the target says. */
  readonly port: number | null;
  /** Of gRPC: the absolute path of its proto. */
  readonly proto: string | null;
  readonly asks: Readonly<Record<string, Ask>>;
}

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** How instances are found. Absent keys: on that platform they cannot be. */
export interface Find {
  readonly kubernetes?: {
    readonly namespace?: string;
    readonly selector?: string;
    /** Of the service `*`: which kinds of workloads are services of their own. */
    readonly workloads?: readonly WorkloadKind[];
    /**
     * The kind of a controller that Gauntlet does not know; its owner declares that it replaces lost pods.
     */
    readonly replacedBy?: string;
  };
  readonly processes?: { readonly command?: string; readonly port?: number; readonly pidFile?: string };
  /** Of a service of a Compose file. */
  readonly compose?: string;
  /**
   * Overrides that on platform `docker`; absent project: as the target says. Of Kafka, several services are
   * its brokers.
   */
  readonly docker?: {
    readonly project?: string;
    readonly service?: string;
    readonly services?: readonly string[];
  };
}

/** What the sandbox starts in its place. */
export type SandboxPart =
  | { readonly kind: 'use'; readonly server: 'kafka' | 'redis' | 'postgres'; readonly database?: string }
  | {
      readonly kind: 'run';
      readonly command: readonly string[];
      readonly env: Readonly<Record<string, Template>>;
      readonly before: readonly string[] | null;
    }
  /** Served by the process of another service. */
  | { readonly kind: 'with'; readonly service: string };

/** How many instances there should be: one number, or the bounds of an autoscaler. */
export interface Replicas {
  readonly min: number;
  readonly max: number;
}

export interface Service {
  readonly name: string;
  /** The first is the main one. */
  readonly endpoints: readonly Endpoint[];
  readonly replicas: Replicas;
  /** Holds on every platform but the sandbox. */
  readonly isProtected: boolean;
  /** Its key in older target files, dotted. */
  readonly formerly: string | null;
  /** `{kind}` → `fast`: the words of its `each`. */
  readonly words: Readonly<Record<string, string>>;
  readonly find: Find;
  readonly sandbox: SandboxPart | null;
}

/** By service. */
export type ReplicaBounds = Readonly<Record<string, Service['replicas']>>;

export const replicaBounds = ({ services }: Pick<System, 'services'>): ReplicaBounds =>
  Object.fromEntries(services.map(({ name, replicas }) => [name, replicas]));

export interface SystemLink {
  readonly from: string;
  readonly to: string;
}

/** Where a record carries an id. */
export type Correlation =
  | { readonly header: string }
  /** A dotted path into its value: JSON, or what a schema registry has the schema of. */
  | { readonly field: string }
  /** The older word for `field`. */
  | { readonly json: string }
  /** The record's own key. */
  | { readonly key: true };

/** Undefined: it is not in the value. */
export const fieldOf = (place: Correlation): string | undefined =>
  'field' in place ? place.field : 'json' in place ? place.json : undefined;

/** The ids by which later records know a request, each with its place. */
export type CarriedIds = Readonly<Record<string, Correlation>>;

export interface Topic {
  readonly name: string;
  /** The service that keeps it. */
  readonly service: string;
  readonly correlation: Correlation | null;
  /** Which id that is: one that an earlier record carries. Absent: that of the request. */
  readonly by?: string;
  readonly carries?: CarriedIds;
  /** Where records of one request differ that belong together. Absent: a request has one record there. */
  readonly per?: Correlation;
}

/** Of a path: one of its topics has a record of each request that came so far. */
export interface PathStage {
  /** Its first topic, as written. */
  readonly name: string;
  readonly topics: readonly Topic[];
  /** A record with these fields is the last one of its request. Null: none is, but in the last stage. */
  readonly ends: WantedFields | null;
}

/** Topics that one request crosses. */
export interface TopicPath {
  readonly name: string;
  readonly stages: readonly PathStage[];
  /** How long a request may stay at a stage without being stuck there. */
  readonly withinMs: Ms;
}

export interface Slo {
  /** An objective, without its phase. */
  readonly limit: string;
  readonly source: string;
}

/** The rules of its audit; the names of sources are in a file, which is read when an audit is planned. */
export interface SystemAudit {
  readonly rules: Omit<AuditRules, 'sources'>;
  readonly sources: {
    /** Absolute. */
    readonly list: string;
    readonly listAt: Place;
    readonly alias: readonly { readonly workload: string; readonly source: string; readonly at: Place }[];
  } | null;
}

export interface System {
  readonly name: string;
  /** The absolute path of its file. */
  readonly file: string;
  /** Of its file; the paths of bodies and protos are relative to it. */
  readonly folder: string;
  readonly summary: string;
  /** In the order of the file. */
  readonly services: readonly Service[];
  /** Every other workload of its namespace, each under its own name. Null: only what is declared. */
  readonly others: Find | null;
  readonly links: readonly SystemLink[];
  readonly topics: readonly Topic[];
  /** By service, the consumer groups of its Kafka. */
  readonly consumers: Readonly<Record<string, readonly string[]>>;
  readonly paths: readonly TopicPath[];
  readonly slos: Readonly<Record<string, Slo>>;
  /** Null: its namespaces are not audited. */
  readonly audit: SystemAudit | null;
}
