/**
 * Kafka 4.3 (KRaft) as jars: GAUNTLET_KAFKA_LIBS → PATH → cache → Maven → Maven after apt-get install → the
 * official archive. The part counts as found when the jars *and* the checkpoint of a node's directory exist.
 */
import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { show } from '../../../../src/core/errors.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import { findOnPath } from '../../../../src/system/toolchain/command.ts';
import type { Fetched } from '../../../../src/system/toolchain/download.ts';
import {
  type Hit,
  type Lookup,
  no,
  type ToolContext,
  type ToolSource,
} from '../../../../src/system/toolchain/part.ts';
import type { Java } from './java.ts';
import {
  jarsFromArchive,
  jarsFromInstalledMaven,
  jarsFromMaven,
  kafkaInputs,
  pinnedKafka,
} from './kafka-fetch.ts';
import { type Jars, KAFKA_NEEDED, readJars, verifyJars } from './kafka-jars.ts';
import { areComplete, makeStartFiles, readStartFiles, startFolderFor } from './kafka-start-files.ts';

type Kafka = NonNullable<Tools['kafka']>;

/** Jars and the folder of their start files, which may not exist yet. */
export interface KafkaJars {
  readonly jars: Jars;
  readonly startFolder: string;
}

const foundJars = (jars: Jars, startFolder: string): Hit<KafkaJars> => ({
  kind: 'found',
  version: jars.version,
  path: jars.folder,
  tool: { jars, startFolder },
});

const foreignJars = (ctx: ToolContext, folder: string): Lookup<KafkaJars> => {
  const read = readJars(folder);
  return read.ok ? foundJars(read.jars, startFolderFor(ctx.places.cache, read.jars)) : no(read.why);
};

const mavenFolder = (ctx: ToolContext): string => join(ctx.places.cache, `kafka-${pinnedKafka()}`);
const archiveFolder = (ctx: ToolContext): string => `${mavenFolder(ctx)}-archive`;

async function ownJars(
  ctx: ToolContext,
  folder: string,
  lib: string,
  list: string,
): Promise<Lookup<KafkaJars>> {
  const read = readJars(join(folder, lib));
  if (!read.ok) return no(read.why);
  const verified = await verifyJars(ctx, read.jars, list);
  return verified.ok ? foundJars(read.jars, folder) : no(verified.why);
}

const cachedMaven = (ctx: ToolContext): Promise<Lookup<KafkaJars>> =>
  ownJars(ctx, mavenFolder(ctx), 'lib', join(kafkaInputs, 'jars.sha256'));
const cachedArchive = (ctx: ToolContext): Promise<Lookup<KafkaJars>> =>
  ownJars(ctx, archiveFolder(ctx), 'libs', join(archiveFolder(ctx), 'jars.sha256'));

export const localKafka = (ctx: ToolContext): readonly ToolSource<KafkaJars>[] => [
  {
    name: 'GAUNTLET_KAFKA_LIBS',
    async look() {
      const value = ctx.env['GAUNTLET_KAFKA_LIBS'];
      if (value === undefined || value === '') return no('not set');
      const look = foreignJars(ctx, resolve(value));
      if (look.kind !== 'no') return look;
      const expected = `a folder with the jars of ${KAFKA_NEEDED}`;
      const got = `${show(value)}: ${look.why}`;
      const next = 'Correct it, or unset it to let Gauntlet look elsewhere.';
      return { kind: 'wrong', problem: { subject: 'GAUNTLET_KAFKA_LIBS', expected, got, next } };
    },
  },
  {
    name: 'PATH',
    async look() {
      const script = findOnPath('kafka-server-start.sh', ctx.env);
      if (script === undefined) return no('no kafka-server-start.sh on PATH');
      return foreignJars(ctx, join(dirname(realpathSync(script)), '..', 'libs'));
    },
  },
  { name: 'cache', look: () => cachedMaven(ctx) },
  { name: 'cache (official archive)', look: () => cachedArchive(ctx) },
];

export const fetchedKafka = (ctx: ToolContext, java: Java): readonly ToolSource<KafkaJars>[] => {
  const source = (
    name: string,
    get: () => Promise<Fetched>,
    look: typeof cachedMaven,
  ): ToolSource<KafkaJars> => ({
    name,
    async look() {
      const got = await get();
      return got.ok ? look(ctx) : no(got.why);
    },
  });
  const folder = mavenFolder(ctx);
  return [
    source('Maven', () => jarsFromMaven(ctx, java.path, folder), cachedMaven),
    source('Maven, installed by apt-get', () => jarsFromInstalledMaven(ctx, java.path, folder), cachedMaven),
    source('official archive', () => jarsFromArchive(ctx, archiveFolder(ctx)), cachedArchive),
  ];
};

/** The complete part, from found jars; without the checkpoint it is incomplete. */
export function withStartFiles(found: Hit<KafkaJars>, java: Java | null): Lookup<Kafka> {
  const { jars, startFolder } = found.tool;
  const files = readStartFiles(startFolder, java, jars);
  if (files === undefined) return no(`the jars are in ${jars.folder}, but no directory was formatted yet`);
  const { archive, bootstrapCheckpoint } = files;
  const tool = { version: jars.version, classPath: jars.classPath, archive, bootstrapCheckpoint };
  const slow = files.whyNoArchive === null ? {} : { note: `no class-data archive: ${files.whyNoArchive}` };
  return { kind: 'found', version: jars.version, path: jars.folder, tool, ...slow };
}

/** Makes the start files for found jars, unless they exist. */
export async function prepareStart(ctx: ToolContext, java: Java, found: Hit<KafkaJars>): Promise<Fetched> {
  const { jars, startFolder } = found.tool;
  if (areComplete(startFolder, java, jars)) return { ok: true };
  return makeStartFiles(ctx, java, jars, startFolder);
}
