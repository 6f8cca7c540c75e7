/**
 * The files with which a broker starts in one second instead of four: `bootstrap.checkpoint` of a formatted
 * directory (required), and the class-data archive of one start (AppCDS; optional: without it a broker only
 * starts more slowly).
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../../../src/system/durable-file.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { cacheFault } from '../../../../src/system/toolchain/cache-folder.ts';
import { runCommand } from '../../../../src/system/toolchain/command.ts';
import type { Fetched } from '../../../../src/system/toolchain/download.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';
import type { Java } from './java.ts';
import type { Jars } from './kafka-jars.ts';
import { freePorts, recordClasses } from './kafka-training.ts';

export interface StartFiles {
  readonly bootstrapCheckpoint: string;
  readonly archive: string | null;
  /** The reason why there is no archive; null when there is one. */
  readonly whyNoArchive: string | null;
}

/** Any cluster id will do: the checkpoint does not contain it. */
const CLUSTER_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const FORMAT_TIMEOUT_MS = 60_000;

const hash8 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
const checkpointIn = (folder: string): string => join(folder, 'bootstrap.checkpoint');

/** An archive is valid for one build of Java and one class path; each combination has its own file. */
const archiveIn = (folder: string, java: Java, jars: Jars): string =>
  join(folder, `classes-${java.build.replace(/[^\w.+-]/g, '_')}-${hash8(jars.classPath.join(':'))}.jsa`);
const refusalOf = (archive: string): string => archive.replace(/\.jsa$/, '.why-not');

/** The folder of start files for jars in a folder that is not ours to write to. */
export const startFolderFor = (cache: string, jars: Jars): string =>
  join(cache, `kafka-start-${jars.version}-${hash8(jars.classPath.join(':'))}`);

/** The existing files; undefined without the checkpoint, which is required. */
export function readStartFiles(folder: string, java: Java | null, jars: Jars): StartFiles | undefined {
  const bootstrapCheckpoint = checkpointIn(folder);
  if (!existsSync(bootstrapCheckpoint)) return undefined;
  if (java === null) return { bootstrapCheckpoint, archive: null, whyNoArchive: 'no Java was found' };
  const archive = archiveIn(folder, java, jars);
  if (existsSync(archive)) return { bootstrapCheckpoint, archive, whyNoArchive: null };
  const refusal = refusalOf(archive);
  const whyNoArchive = existsSync(refusal)
    ? readFileSync(refusal, 'utf8')
    : `none made yet for ${java.build}`;
  return { bootstrapCheckpoint, archive: null, whyNoArchive };
}

/** False when making them again could add nothing: a refused archive is not retried on every start. */
export function areComplete(folder: string, java: Java, jars: Jars): boolean {
  const archive = archiveIn(folder, java, jars);
  return existsSync(checkpointIn(folder)) && (existsSync(archive) || existsSync(refusalOf(archive)));
}

/**
 * Makes what is missing. Fails only when the checkpoint cannot be made; a refused archive is recorded in a
 * file next to its path.
 */
export async function makeStartFiles(
  ctx: ToolContext,
  java: Java,
  jars: Jars,
  folder: string,
): Promise<Fetched> {
  const work = join(folder, `.training-${process.pid}`);
  try {
    makeFolder(work);
    const [client = 0, controller = 0] = await freePorts(2);
    const properties = join(work, 'server.properties');
    writeFileSync(properties, propertiesOf(join(work, 'data'), client, controller));
    const formatted = await format(ctx, java, jars, properties);
    if (!formatted.ok) return formatted;
    copyFileSync(join(work, 'data', 'bootstrap.checkpoint'), join(work, 'checkpoint'));
    const archive = archiveIn(folder, java, jars);
    if (!existsSync(archive) && !existsSync(refusalOf(archive))) {
      ctx.progress(`making the class-data archive of Kafka ${jars.version} for faster starts`);
      const draft = join(work, 'classes.jsa');
      const recorded = await recordClasses(ctx, java, jars, { properties, port: client, archive: draft });
      if (recorded.ok) renameSync(draft, archive);
      else writeWhole(refusalOf(archive), recorded.why);
    }
    // Written last: with the checkpoint the part counts as found.
    renameSync(join(work, 'checkpoint'), checkpointIn(folder));
    return { ok: true };
  } catch (error) {
    throw cacheFault(ctx.places.cache, error);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function format(ctx: ToolContext, java: Java, jars: Jars, properties: string): Promise<Fetched> {
  ctx.progress(`formatting a directory of Kafka ${jars.version}`);
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties];
  const result = await runCommand(java.path, ['-Xmx64m', '-cp', jars.classPath.join(':'), ...tool], {
    env: ctx.env,
    timeoutMs: FORMAT_TIMEOUT_MS,
  });
  return result.ok ? { ok: true } : { ok: false, why: `StorageTool format: ${result.why}` };
}

const propertiesOf = (data: string, client: number, controller: number): string =>
  [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
    'controller.listener.names=CONTROLLER',
    `log.dirs=${data}`,
    // The default of 128 MB does not fit a heap of 64 MB.
    'log.cleaner.dedupe.buffer.size=2097152',
    '',
  ].join('\n');
