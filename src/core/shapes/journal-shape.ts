/**
 * The schema of a journal, on disk and in a cluster. The reader may be another process, version or machine
 * than the writer: an entry that this version does not know is refused with a message, never acted on. The
 * undo data of an entry has its own schema, next to its fault (`Fault.undoShape`).
 */
import { z } from 'zod';
import type { JournalEntry } from '../acts/cluster-journal.ts';
import type { PlatformHandle } from '../acts/platform.ts';
import { show } from '../errors.ts';
import { PLATFORMS } from '../topology.ts';
import { accessShape } from './access-shape.ts';
import { type SameShape, shapeProblem } from './shape-check.ts';

export const JOURNAL_SCHEMA = 'gauntlet.journal/1';

const at = z.number();
/** Absent in journals of versions that did not write it. */
const schema = z.literal(JOURNAL_SCHEMA).exactOptional();

const podSelector = z.object({
  namespace: z.string(),
  selector: z.string(),
  replacedBy: z.string().exactOptional(),
});

const redisNodes = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cluster'), seeds: z.array(z.string()) }),
  z.object({
    kind: z.literal('sentinels'),
    sentinels: z.array(z.string()),
    master: z.string(),
    access: accessShape.exactOptional(),
  }),
]);

const redis = z.object({
  host: z.string(),
  port: z.number(),
  access: accessShape.exactOptional(),
  nodes: redisNodes.exactOptional(),
});

const brokers = z.array(
  z.object({
    id: z.number(),
    client: z.string(),
    controller: z.string().exactOptional(),
    access: accessShape.exactOptional(),
  }),
);

const restart = z.union([z.literal('supervisor'), z.object({ command: z.string() }), z.null()]);

const handleShape = z.object({
  platform: z.enum(PLATFORMS),
  identity: z.string(),
  stateFile: z.string().exactOptional(),
  kubernetes: z
    .object({
      kubeconfig: z.string(),
      pod: z.object({ server: z.string(), folder: z.string() }).exactOptional(),
      context: z.string(),
      cluster: z.string().exactOptional(),
      services: z.record(z.string(), podSelector),
      links: z.array(z.string()).exactOptional(),
      redis: redis.exactOptional(),
      redisByService: z.record(z.string(), redis).exactOptional(),
      kafkaByService: z.record(z.string(), brokers).exactOptional(),
      journalNamespace: z.string().exactOptional(),
      network: z
        .object({
          by: z.enum(['agent', 'network-policy']),
          image: z.string().exactOptional(),
          proxyImage: z.string().exactOptional(),
        })
        .exactOptional(),
      holder: z.string().exactOptional(),
      chaosMesh: z
        .object({ probesFrom: z.array(z.string()), crossedBy: z.record(z.string(), z.string()) })
        .exactOptional(),
    })
    .exactOptional(),
  addresses: z
    .object({
      proxy: z.object({ stateFile: z.string(), target: z.string() }).exactOptional(),
      brokers,
      brokersByService: z.record(z.string(), brokers).exactOptional(),
      redis: redis.exactOptional(),
      redisByService: z.record(z.string(), redis).exactOptional(),
    })
    .exactOptional(),
  processes: z
    .object({
      boot: z.string(),
      services: z.record(
        z.string(),
        z.object({
          command: z.string().exactOptional(),
          port: z.number().exactOptional(),
          pidFile: z.string().exactOptional(),
          restart,
        }),
      ),
    })
    .exactOptional(),
  docker: z
    .object({
      socket: z.string(),
      engine: z.string(),
      services: z.record(
        z.string(),
        z.object({
          project: z.string().exactOptional(),
          service: z.string(),
          number: z.string().exactOptional(),
          proven: z.string().exactOptional(),
          restart,
        }),
      ),
      links: z.array(z.string()).exactOptional(),
      agent: z.string(),
    })
    .exactOptional(),
});

export const HANDLE_SHAPE_IS_WHOLE: SameShape<PlatformHandle, z.infer<typeof handleShape>> = true;

const entryShape = z.object({
  id: z.string(),
  name: z.string(),
  fault: z.string(),
  undo: z.object({ fault: z.string(), data: z.unknown() }).nullable(),
  ttlMs: z.number(),
});

export const ENTRY_SHAPE_IS_WHOLE: SameShape<JournalEntry, z.infer<typeof entryShape>> = true;

/**
 * One line of `journal.ndjson`. A process that asks whether the run is alive checks its owner itself and does
 * not trust this line.
 */
export const journalLineShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('journal'),
    schema,
    run: z.string(),
    platform: handleShape,
    owner: z.looseObject({ pid: z.number() }),
    at,
  }),
  z.object({ kind: z.literal('opened'), ...entryShape.shape, at }),
  z.object({
    kind: z.literal('closed'),
    id: z.string(),
    outcome: z.literal('undone'),
    holder: z.string(),
    evidence: z.string(),
    at,
  }),
  z.object({ kind: z.literal('expired'), holder: z.string(), why: z.string(), at }),
  z.object({ kind: z.literal('torn'), at }),
]);

/** One line of a journal in a cluster: fewer fields, and human-readable times. */
export const clusterJournalLineShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('journal'),
    schema,
    run: z.string(),
    identity: z.string(),
    holder: z.string().exactOptional(),
    at: z.string(),
  }),
  z.object({ kind: z.literal('opened'), ...entryShape.shape }),
  z.object({ kind: z.literal('closed'), id: z.string(), evidence: z.string() }),
]);

export type ClusterJournalLine = z.infer<typeof clusterJournalLineShape>;

/**
 * Parses one line by its schema.
 * @throws Error with what is wrong; for a later version with both names.
 */
export function parseJournalLine<Shape extends z.ZodType>(shape: Shape, text: string): z.infer<Shape> {
  const value: unknown = JSON.parse(text);
  const strange = strangeSchema(value);
  if (strange !== null) {
    throw new Error(
      `its schema is ${strange}, and this version reads ${JOURNAL_SCHEMA}: use the version that wrote it`,
    );
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const problem = shapeProblem(shape, value);
  if (problem?.path.join() === 'kind') {
    throw new Error(`kind ${show((value as { kind?: unknown }).kind)} is not known to this version`);
  }
  throw new Error(problem?.text ?? 'not a line of a journal');
}

function strangeSchema(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return null;
  return value.schema === JOURNAL_SCHEMA ? null : String(value.schema).slice(0, 80);
}
