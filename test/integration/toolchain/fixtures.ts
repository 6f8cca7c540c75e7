/** Temporary machines for the toolchain: a cache, a PATH of small shell scripts, and nothing of the real machine. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';

export interface Machine {
  readonly folder: string;
  /** The only folder on PATH. */
  readonly bin: string;
  readonly cache: string;
  readonly ctx: ToolContext;
  readonly said: string[];
  /** Writes an executable shell script; `name` is put on PATH, an absolute path is taken as it is. */
  program(name: string, body: string): string;
  file(name: string, text: string): string;
}

export function machine(env: Readonly<Record<string, string>> = {}): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-toolchain-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [bin, cache] = [join(folder, 'bin'), join(folder, 'cache')];
  mkdirSync(bin);
  const said: string[] = [];
  const file = (name: string, text: string): string => {
    const path = name.startsWith('/') ? name : join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  return {
    folder,
    bin,
    cache,
    said,
    file,
    program(name, body) {
      const path = file(name.startsWith('/') ? name : join(bin, name), `#!/bin/sh\n${body}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    ctx: {
      places: { cache, state: join(folder, 'state') },
      env: { PATH: bin, HOME: folder, ...env },
      progress: (text) => void said.push(text),
    },
  };
}

export const K6_SAYS = 'echo "k6 v2.2.0 (go1.26.8, linux/amd64)"';
