/** Looks at parts, or gets them: k6, Redis and Java side by side, Kafka after Java, which it cannot be formatted without. */
import type { Tools } from '../../../../src/core/tools.ts';
import { alone, assertWritable, CacheError } from './cache-folder.ts';
import { fetchedJava, type Java, localJava } from './java.ts';
import { fetchedK6, localK6 } from './k6.ts';
import { fetchedKafka, type KafkaJars, localKafka, prepareStart, withStartFiles } from './kafka.ts';
import { type Outcome, type PartName, type ToolContext, type Way, walk } from './part.ts';
import { fetchedRedis, localRedis } from './redis.ts';

type Kafka = NonNullable<Tools['kafka']>;
type Redis = NonNullable<Tools['redis']>;

export interface Survey {
  readonly k6?: Outcome<string>;
  readonly redis?: Outcome<Redis>;
  readonly java?: Outcome<Java>;
  readonly kafka?: Outcome<Kafka>;
}

/** What is there now; nothing is fetched, nothing but the book of versions is written. */
export async function lookAtParts(names: readonly PartName[], ctx: ToolContext): Promise<Survey> {
  const has = (name: PartName): boolean => names.includes(name);
  const java = has('java') || has('kafka') ? walk(localJava(ctx)) : undefined;
  const [k6, redis, kafka] = await Promise.all([
    has('k6') ? walk(localK6(ctx)) : undefined,
    has('redis') ? walk(localRedis(ctx)) : undefined,
    has('kafka') && java ? lookAtKafka(ctx, java) : undefined,
  ]);
  return surveyOf(k6, redis, has('java') ? await java : undefined, kafka);
}

/** The same, after fetching what is missing. @throws CacheError once, when the cache cannot be written. */
export async function getParts(names: readonly PartName[], ctx: ToolContext): Promise<Survey> {
  const has = (name: PartName): boolean => names.includes(name);
  const java =
    has('java') || has('kafka') ? getPart(ctx, 'java', localJava(ctx), fetchedJava(ctx)) : undefined;
  const all = [
    has('k6') ? getPart(ctx, 'k6', localK6(ctx), fetchedK6(ctx)) : undefined,
    has('redis') ? getPart(ctx, 'redis', localRedis(ctx), fetchedRedis(ctx)) : undefined,
    has('kafka') && java ? java.then((outcome) => getKafka(ctx, outcome)) : undefined,
    java,
  ] as const;
  // Every part ends, well or not, before the first error is told: nothing may go on building unseen.
  await Promise.allSettled(all);
  return surveyOf(await all[0], await all[1], has('java') ? await all[3] : undefined, await all[2]);
}

const surveyOf = (
  k6: Outcome<string> | undefined,
  redis: Outcome<Redis> | undefined,
  java: Outcome<Java> | undefined,
  kafka: Outcome<Kafka> | undefined,
): Survey => ({ ...(k6 && { k6 }), ...(redis && { redis }), ...(java && { java }), ...(kafka && { kafka }) });

/** Looks, and only then takes the lock; under the lock it looks again, for another process may have been first. */
export async function getPart<Tool>(
  ctx: ToolContext,
  name: string,
  local: readonly Way<Tool>[],
  fetched: readonly Way<Tool>[],
): Promise<Outcome<Tool>> {
  const now = await walk(local);
  if (now.hit !== null || now.wrong !== null) return now;
  assertWritable(ctx.places.cache);
  return alone(ctx, name, `building ${name}`, async () => {
    const again = await walk(local);
    return again.hit !== null || again.wrong !== null ? again : walk(fetched, again.tried);
  });
}

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
    // All that was missing is the archive, which is optional: a read-only cache with Kafka in it is good enough.
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
