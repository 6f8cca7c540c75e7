/**
 * Gets the jars of Kafka: with Maven from packages/sandbox/tools/kafka/pom.xml, or from the official archive.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../../src/system/project.ts';
import { buildFolder, throwIfDiskFull } from '../../../../src/system/toolchain/cache-folder.ts';
import { findOnPath, runCommand } from '../../../../src/system/toolchain/command.ts';
import { download, type Fetched, matches } from '../../../../src/system/toolchain/download.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';
import { installPackage } from './apt.ts';
import { listOf, readJars, verifyJars } from './kafka-jars.ts';

export const kafkaInputs: string = join(projectRoot, 'packages/sandbox/tools/kafka');
export const KAFKA_ARCHIVES = 'https://archive.apache.org/dist/kafka';

const MAVEN_TIMEOUT_MS = 10 * 60_000;
const UNPACK_TIMEOUT_MS = 120_000;

/** The version that the pom pins. @throws when packages/sandbox/tools/kafka/pom.xml names none. */
export function pinnedKafka(inputs: string = kafkaInputs): string {
  const text = readFileSync(join(inputs, 'pom.xml'), 'utf8');
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(text)?.[1];
  if (version === undefined) throw new Error(`${inputs}/pom.xml does not depend on kafka_2.13`);
  return version;
}

/** Writes `folder/lib/*.jar`; every jar is compared with jars.sha256. */
export async function jarsFromMaven(
  ctx: ToolContext,
  java: string,
  folder: string,
  inputs: string = kafkaInputs,
): Promise<Fetched> {
  const mvn = findOnPath('mvn', ctx.env);
  if (mvn === undefined) return { ok: false, why: 'no mvn on PATH' };
  ctx.progress(`getting the jars of Kafka ${pinnedKafka(inputs)} with Maven: 44 MB`);
  return buildFolder(ctx.places.cache, folder, async (draft) => {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${draft}/lib`];
    const result = await runCommand(mvn, ['-q', '-B', '-ntp', '-f', join(inputs, 'pom.xml'), ...goal], {
      cwd: draft,
      env: { ...ctx.env, JAVA_HOME: join(java, '..', '..') },
      timeoutMs: MAVEN_TIMEOUT_MS,
    });
    throwIfDiskFull(ctx.places.cache, result.output);
    if (!result.ok) return { ok: false, why: result.why };
    const read = readJars(join(draft, 'lib'));
    return read.ok ? verifyJars(ctx, read.jars, join(inputs, 'jars.sha256')) : read;
  });
}

/** As above, after installing Maven. */
export async function jarsFromInstalledMaven(
  ctx: ToolContext,
  java: string,
  folder: string,
): Promise<Fetched> {
  if (findOnPath('mvn', ctx.env) !== undefined)
    return { ok: false, why: 'Maven is installed, but it did not get the jars' };
  const installed = await installPackage(ctx, 'maven');
  return installed.ok ? jarsFromMaven(ctx, java, folder) : installed;
}

/**
 * Writes `folder/lib/*.jar` and `folder/jars.sha256`. The archive is compared with its published digest. Its
 * jars differ from Maven's (log4j instead of slf4j-simple), so their list is made here.
 */
export async function jarsFromArchive(
  ctx: ToolContext,
  folder: string,
  archives: string = KAFKA_ARCHIVES,
): Promise<Fetched> {
  const version = pinnedKafka();
  const name = `kafka_2.13-${version}`;
  const base = `${archives}/${version}/${name}.tgz`;
  const published = await download(ctx, `${base}.sha512`);
  if (!published.ok) return published;
  const wanted = digestIn(readFileSync(published.path, 'utf8'), `${name}.tgz`);
  if (wanted === undefined) return { ok: false, why: `${base}.sha512 contains no SHA-512` };
  ctx.progress(`downloading Kafka ${version} (${base}): 130 MB`);
  const archive = await download(ctx, base);
  if (!archive.ok) return archive;
  const checked = await matches(archive.path, 'sha512', wanted);
  if (!checked.ok) return checked;
  return buildFolder(ctx.places.cache, folder, async (draft) => {
    const args = ['-xzf', archive.path, '-C', draft, '--strip-components=1', `${name}/libs`];
    const result = await runCommand('tar', args, { env: ctx.env, timeoutMs: UNPACK_TIMEOUT_MS });
    throwIfDiskFull(ctx.places.cache, result.output);
    if (!result.ok) return { ok: false, why: result.why };
    const read = readJars(join(draft, 'libs'));
    if (!read.ok) return read;
    writeFileSync(join(draft, 'jars.sha256'), await listOf(read.jars));
    return { ok: true };
  }).finally(() => archive.discard());
}

/** Apache's .sha512 files: `name: XXXXXXXX XXXXXXXX ...` over several lines, or sha512sum's format. */
export function digestIn(text: string, name: string): string | undefined {
  const digest = text.replace(name, '').replace(/[^0-9a-fA-F]/g, '');
  return digest.length === 128 ? digest.toLowerCase() : undefined;
}
