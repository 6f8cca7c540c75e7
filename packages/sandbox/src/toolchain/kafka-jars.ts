/**
 * A folder of Kafka jars: its version, the order of its class path, and whether every jar is the pinned one.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { remember } from '../../../../src/system/toolchain/answer-book.ts';
import { digestOf, type Fetched } from '../../../../src/system/toolchain/download.ts';
import { atLeast, isFolder } from '../../../../src/system/toolchain/local-sources.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';

export const KAFKA_NEEDED = 'Kafka 4.3 or newer (4.x)';

export interface Jars {
  readonly version: string;
  readonly folder: string;
  /** Sorted by name: a class-data archive is valid for exactly one order. */
  readonly classPath: readonly string[];
}

/** Reads a folder of jars, or returns why it is not a suitable Kafka. */
export function readJars(
  folder: string,
): { readonly ok: true; readonly jars: Jars } | { readonly ok: false; readonly why: string } {
  if (!isFolder(folder)) return { ok: false, why: `${folder} is not a folder` };
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.jar'))
    .sort();
  const version = names.map((name) => /^kafka_2\.\d+-(\d+\.\d+\.\d+)\.jar$/.exec(name)?.[1]).find(Boolean);
  if (version === undefined) return { ok: false, why: `${folder} holds no kafka_2.13-<version>.jar` };
  if (!atLeast(version, '4.3') || !version.startsWith('4.')) {
    return { ok: false, why: `${folder} holds Kafka ${version}, not ${KAFKA_NEEDED}` };
  }
  return { ok: true, jars: { version, folder, classPath: names.map((name) => join(folder, name)) } };
}

/**
 * Compares every jar with a list in sha256sum's format: none missing, added or changed. Hashing 44 MB takes a
 * quarter of a second, so a good result is cached for the same names, sizes and times.
 */
export async function verifyJars(ctx: ToolContext, jars: Jars, list: string): Promise<Fetched> {
  const text = readFileSync(list, 'utf8');
  const stats = jars.classPath.map((path) => [path, statSync(path)] as const);
  const stamp = stats.map(([path, stat]) => `${basename(path)}:${stat.size}:${stat.mtimeMs}`).join(',');
  const said = await remember(
    ctx.places,
    `jars ${jars.folder}`,
    `${digestOfText(text)} ${stamp}`,
    async () => {
      const wrong = await differences(jars, text);
      return wrong.length === 0 ? { ok: true, text: 'verified' } : { ok: false, why: wrong.join('; ') };
    },
  );
  return said.ok ? { ok: true } : { ok: false, why: said.why };
}

const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex');

async function differences(jars: Jars, list: string): Promise<string[]> {
  const wanted = new Map(
    list
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [digest = '', name = ''] = line.trim().split(/\s+\*?/);
        return [name, digest] as const;
      }),
  );
  const wrong: string[] = [];
  for (const path of jars.classPath) {
    const name = basename(path);
    const digest = wanted.get(name);
    wanted.delete(name);
    if (digest === undefined) {
      wrong.push(`${name} is not one of the pinned jars`);
      continue;
    }
    const got = await digestOf(path, 'sha256');
    if (got !== digest) wrong.push(`${name} has sha256 ${got}, expected ${digest}`);
  }
  return [...wrong, ...[...wanted.keys()].map((name) => `${name} is missing`)];
}

/**
 * A list of the folder's present files in sha256sum's format; for jars whose archive has just been verified
 * as a whole.
 */
export async function listOf(jars: Jars): Promise<string> {
  const lines: string[] = [];
  for (const path of jars.classPath) lines.push(`${await digestOf(path, 'sha256')}  ${basename(path)}\n`);
  return lines.join('');
}
