/**
 * A system under test as data: what exists, what it speaks, and what a good answer is. Where one copy of it
 * runs is a target; the code knows protocols, and no system by name.
 */
export const PROTOCOLS = ['http', 'grpc', 'kafka', 'redis', 'postgres', 'tcp'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

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

/** Sent as JSON. */
export interface Body {
  readonly json: Readonly<Record<string, unknown>>;
}

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

/** A named question. `ready` is the probe, `contract` is asked once before load, others are probes. */
export type Ask = HttpAsk | GrpcAsk;

export interface Endpoint {
  readonly protocol: Protocol;
  /** As its readers know it; an address is part of a target. Null: not written. */
  readonly port: number | null;
  /** Of gRPC: the absolute path of its proto. */
  readonly proto: string | null;
  readonly asks: Readonly<Record<string, Ask>>;
}

export interface Service {
  readonly name: string;
  /** The first is the main one. */
  readonly endpoints: readonly Endpoint[];
  /** Its key in older target files, dotted. */
  readonly formerly: string | null;
}

export interface System {
  readonly name: string;
  /** Of its file; the paths of protos are relative to it. */
  readonly folder: string;
  readonly summary: string;
  /** In the order of the file. */
  readonly services: readonly Service[];
}
