/**
 * Runs external programs for the toolchain: bounded in time, never attached to our stdin, and found on the
 * caller's PATH.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { execa } from 'execa';

export type Env = Readonly<Record<string, string | undefined>>;

export interface CommandOptions {
  readonly env: Env;
  readonly cwd?: string;
  readonly timeoutMs: number;
}

export interface CommandResult {
  readonly ok: boolean;
  /** stdout and stderr, interleaved. */
  readonly output: string;
  /** One line: why it failed. Empty when it succeeded. */
  readonly why: string;
}

/** Never rejects: a program that cannot start, fails or takes too long is a result with a reason. */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const done = await execa(file, [...args], {
    env: definedOnly(options.env),
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    timeout: options.timeoutMs,
    forceKillAfterDelay: 2000,
    stdin: 'ignore',
    all: true,
    reject: false,
  });
  const output = done.all;
  if (!done.failed) return { ok: true, output, why: '' };
  const program = file.slice(file.lastIndexOf('/') + 1);
  if (done.timedOut) {
    return { ok: false, output, why: `${program} did not end in ${options.timeoutMs / 1000} s` };
  }
  if (done.exitCode === undefined && done.signal === undefined) {
    return { ok: false, output, why: `${program} does not start (${done.code ?? done.shortMessage})` };
  }
  const how = done.signal === undefined ? `exit code ${done.exitCode}` : done.signal;
  return { ok: false, output, why: `${program} failed (${how}): ${complaintIn(output)}` };
}

/** The first absolute path on the caller's PATH that can be executed, or undefined. */
export function findOnPath(program: string, env: Env): string | undefined {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    // A relative folder on PATH refers to another program in every working directory.
    if (!isAbsolute(folder)) continue;
    const path = join(folder, program);
    if (isExecutable(path)) return path;
  }
  return undefined;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The line that a person would quote: the last that contains an error, otherwise the last with any text. */
function complaintIn(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('[ERROR] [Help'));
  const spoken =
    lines.findLast((line) => /\berror\b|^E:|cannot|denied|not found/i.test(line)) ?? lines.at(-1);
  return spoken === undefined ? 'no output' : spoken.slice(0, 300);
}

function definedOnly(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
