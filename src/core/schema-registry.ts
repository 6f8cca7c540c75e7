/** Where the schemas of records are: a registry with the HTTP interface of Confluent, beside a Kafka. */
import type { Access } from './access.ts';

export interface SchemaRegistryAt {
  /** Without a slash at its end; the paths of the interface follow it. */
  readonly url: string;
  /** Its login has user and password, or a token. */
  readonly access?: Access;
}

/** By the Kafka service whose records it describes. */
export type SchemaRegistries = Readonly<Record<string, SchemaRegistryAt>>;

/** For messages: a path may name what is nobody's business. */
export const hostOf = ({ url }: Pick<SchemaRegistryAt, 'url'>): string => new URL(url).host;
