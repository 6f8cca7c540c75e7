/**
 * Asks k6 about the foreign scripts of a campaign before the campaign is read: their executors are its flows.
 * A campaign without any costs nothing; what is wrong with the file itself is reported by its reader.
 */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ScriptReadings } from '../../config/campaign-load.ts';
import { parseUserFile } from '../../config/user-file.ts';
import type { ScriptReading } from '../../core/foreign-script.ts';
import { readForeignScript } from '../../load/read-foreign-script.ts';
import { readText } from '../../system/read-text.ts';
import type { ToolContext } from '../../system/toolchain/part.ts';
import { requireParts } from '../../system/toolchain/parts.ts';

interface Written {
  readonly index: number;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isGiven: boolean;
}

/** @param file of the campaign. @throws 'unavailable' when there is a script and no k6. */
export async function readScripts(file: string, tools: ToolContext): Promise<ScriptReadings> {
  const written = scriptsIn(file);
  if (written.length === 0) return new Map();
  const { k6 = '' } = await requireParts(['k6'], tools);
  const folder = dirname(resolve(file));
  const readings = written.map(async ({ index, script, env, isGiven }) => {
    const path = resolve(folder, script);
    const obstacle = obstacleAt(path);
    const reading: ScriptReading = obstacle ?? (await readForeignScript({ k6, file: path, env, isGiven }));
    return [index, reading] as const;
  });
  return new Map(await Promise.all(readings));
}

function obstacleAt(path: string): ScriptReading | undefined {
  const expected = 'a k6 script, by its path relative to this file';
  try {
    return statSync(path).isFile() ? undefined : { ok: false, expected, got: `${path}, which is no file` };
  } catch {
    return { ok: false, expected, got: `${path}, and there is no such file` };
  }
}

function scriptsIn(file: string): readonly Written[] {
  const load = partsOf(file);
  return load.flatMap((item, index): readonly Written[] => {
    const { script, env, rate, stages } = Object(item) as Record<string, unknown>;
    if (typeof script !== 'string' || script === '') return [];
    return [{ index, script, env: placeholders(env), isGiven: rate !== undefined || stages !== undefined }];
  });
}

/** Nothing for a file that cannot be read: its problems are reported when the campaign is. */
function partsOf(file: string): readonly unknown[] {
  try {
    const { load } = Object(parseUserFile(file, readText(file)).data) as { readonly load?: unknown };
    return Array.isArray(load) ? load : [];
  } catch {
    return [];
  }
}

/** Addresses may be unknown and secrets stay where they are: a script that is read sends nothing. */
function placeholders(env: unknown): Record<string, string> {
  const texts = Object.entries(Object(env) as Record<string, unknown>).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(
    texts.map(([name, text]) => [
      name,
      text.startsWith('env:') ? 'secret' : text.replace(/\$\{[^}]*\}/g, 'http://127.0.0.1:9'),
    ]),
  );
}
