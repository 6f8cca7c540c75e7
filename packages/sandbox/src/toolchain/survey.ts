/**
 * Inspects the parts of the sandbox, or gets them: Redis and Java in parallel, Kafka after Java, which
 * formats its directory.
 */
import type { SandboxPart, Tools } from '../../../../src/core/tools.ts';
import { alone, assertWritable, CacheError } from '../../../../src/system/toolchain/cache-folder.ts';
import { getPart } from '../../../../src/system/toolchain/get-part.ts';
import { type Outcome, type ToolContext, walk } from '../../../../src/system/toolchain/part.ts';
import { fetchedJava, type Java, localJava } from './java.ts';
import { fetchedKafka, type KafkaJars, localKafka, prepareStart, withStartFiles } from './kafka.ts';
import { fetchedPostgres, localPostgres } from './postgres.ts';
import { fetchedRedis, localRedis } from './redis.ts';

type Kafka = NonNullable<Tools['kafka']>;
type Redis = NonNullable<Tools['redis']>;
type Postgres = NonNullable<Tools['postgres']>;

export interface Survey {
  readonly redis?: Outcome<Redis>;
  readonly java?: Outcome<Java>;
  readonly kafka?: Outcome<Kafka>;
  readonly postgres?: Outcome<Postgres>;
}

/** The existing parts; nothing is fetched, and only the cache of version answers is written. */
export async function lookAtParts(names: readonly SandboxPart[], ctx: ToolContext): Promise<Survey> {
  const has = (name: SandboxPart): boolean => names.includes(name);
  const java = has('java') || has('kafka') ? walk(localJava(ctx)) : undefined;
  const [redis, postgres, kafka] = await Promise.all([
    has('redis') ? walk(localRedis(ctx)) : undefined,
    has('postgres') ? walk(localPostgres(ctx)) : undefined,
    has('kafka') && java ? lookAtKafka(ctx, java) : undefined,
  ]);
  return surveyOf({ redis, postgres, java: has('java') ? await java : undefined, kafka });
}

/** As above, after fetching missing parts. @throws CacheError once, when the cache cannot be written. */
export async function getParts(names: readonly SandboxPart[], ctx: ToolContext): Promise<Survey> {
  const has = (name: SandboxPart): boolean => names.includes(name);
  const java =
    has('java') || has('kafka') ? getPart(ctx, 'java', localJava(ctx), fetchedJava(ctx)) : undefined;
  const all = [
    has('redis') ? getPart(ctx, 'redis', localRedis(ctx), fetchedRedis(ctx)) : undefined,
    has('kafka') && java ? java.then((outcome) => getKafka(ctx, outcome)) : undefined,
    java,
    has('postgres') ? getPart(ctx, 'postgres', localPostgres(ctx), fetchedPostgres(ctx)) : undefined,
  ] as const;
  // Every part finishes, with or without an error, before the first error is thrown: no build continues
  // unseen.
  await Promise.allSettled(all);
  return surveyOf({
    redis: await all[0],
    java: has('java') ? await all[2] : undefined,
    kafka: await all[1],
    postgres: await all[3],
  });
}

const surveyOf = (found: { readonly [Part in keyof Survey]: Survey[Part] | undefined }): Survey =>
  Object.fromEntries(Object.entries(found).filter(([, outcome]) => outcome !== undefined));

async function lookAtKafka(ctx: ToolContext, java: Promise<Outcome<Java>>): Promise<Outcome<Kafka>> {
  const jars = await walk(localKafka(ctx));
  return wholeKafka(jars, (await java).hit?.tool ?? null);
}

function wholeKafka(jars: Outcome<KafkaJars>, java: Java | null): Outcome<Kafka> {
  if (jars.hit === null) return { hit: null, tried: jars.tried, wrong: jars.wrong };
  const { origin } = jars.hit;
  const look = withStartFiles(jars.hit, java);
  if (look.kind === 'found') return { hit: { ...look, origin }, tried: jars.tried, wrong: null };
  const why = look.kind === 'no' ? look.why : '';
  return { hit: null, tried: [...jars.tried, { way: origin, why }], wrong: null };
}

async function getKafka(ctx: ToolContext, java: Outcome<Java>): Promise<Outcome<Kafka>> {
  const now = await lookAtKafka(ctx, Promise.resolve(java));
  if (now.wrong !== null || (now.hit !== null && now.hit.tool.archive !== null)) return now;
  const tool = java.hit?.tool;
  if (tool === undefined) {
    if (now.hit !== null) return now;
    const lacking = { way: 'Maven, StorageTool', why: 'need Java, which was not found either' };
    return { ...now, tried: [...now.tried, lacking] };
  }
  try {
    assertWritable(ctx.places.cache);
    return await alone(ctx, 'kafka', 'building kafka', () => buildKafka(ctx, tool));
  } catch (error) {
    // Only the archive was missing, which is optional: a read-only cache with Kafka is good enough.
    if (error instanceof CacheError && now.hit !== null) return now;
    throw error;
  }
}

async function buildKafka(ctx: ToolContext, java: Java): Promise<Outcome<Kafka>> {
  const local = await walk(localKafka(ctx));
  const jars =
    local.hit !== null || local.wrong !== null ? local : await walk(fetchedKafka(ctx, java), local.tried);
  if (jars.hit === null) return wholeKafka(jars, java);
  const prepared = await prepareStart(ctx, java, jars.hit);
  if (prepared.ok) return wholeKafka(jars, java);
  return { hit: null, tried: [...jars.tried, { way: jars.hit.origin, why: prepared.why }], wrong: null };
}
