/** Asks k6 about a script: its answer as JSON, or its own words why not. Init code runs, nothing is sent. */
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { execa } from 'execa';

const TIMEOUT_MS = 60_000;

export interface K6Question {
  /** The k6 binary. */
  readonly k6: string;
  /** Absolute path of the script. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string };

/** In the folder of the script, with nothing of the caller's environment. */
export async function askK6(
  { k6, file, env }: K6Question,
  args: readonly string[],
  input: string | undefined,
): Promise<Answer> {
  const home = tmpdir();
  const answer = await execa(k6, ['--no-color', ...args], {
    cwd: dirname(file),
    env: {
      ...env,
      ...{ K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_NO_USAGE_REPORT: 'true' },
      ...{ HOME: home, XDG_CONFIG_HOME: home, PATH: '/usr/bin:/bin' },
    },
    extendEnv: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    reject: false,
    timeout: TIMEOUT_MS,
  });
  if (answer.exitCode !== 0)
    return {
      ok: false,
      why: answer.timedOut ? `no answer in ${TIMEOUT_MS / 1000} s` : reasonIn(answer.stderr),
    };
  try {
    return { ok: true, value: JSON.parse(answer.stdout) };
  } catch {
    return { ok: false, why: `${args[0]} of k6 printed no JSON` };
  }
}

/** The message of k6's last error line (logfmt), on one line, without the places of its own code. */
export function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((one) => /level=error/.test(one));
  const quoted = /\bmsg="((?:[^"\\]|\\.)*)"/.exec(lines.at(-1) ?? '')?.[1];
  if (quoted === undefined) return stderr.trim().split('\n').at(-1)?.slice(0, 300) || 'no reason given by k6';
  const text = quoted
    .replace(/\\n\\tat file:\/\/\/-[^\\]*/g, '')
    .replace(/\\[nt]/g, ' ')
    .replace(/\\(.)/g, '$1');
  return text.replace(/\s+/g, ' ').trim();
}

/** What a reading entry makes k6 print. */
export function saidIn(value: unknown): {
  readonly names: Record<string, string>;
  readonly options: Record<string, unknown>;
} {
  const { ext } = value as {
    readonly ext?: { readonly gauntlet?: { names?: object; options?: object | null } };
  };
  return {
    names: (ext?.gauntlet?.names ?? {}) as Record<string, string>,
    options: (ext?.gauntlet?.options ?? {}) as Record<string, unknown>,
  };
}
