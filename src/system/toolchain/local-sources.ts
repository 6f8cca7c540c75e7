/** The two sources that every program has: an environment variable that names it, and PATH. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { show } from '../../core/errors.ts';
import { askVersion } from './answer-book.ts';
import { type Env, findOnPath, isExecutable } from './command.ts';
import { type Lookup, no, type ToolContext, type ToolSource } from './part.ts';

/** How to recognise a program by its version output. */
export interface Program<Tool> {
  /** The name of the file on PATH. */
  readonly file: string;
  /** The requirement, as text: `k6 2.x`. */
  readonly needed: string;
  readonly versionArgs: readonly string[];
  /** The version in its output, or undefined. */
  versionIn(text: string): string | undefined;
  fits(version: string): boolean;
  tool(path: string, said: string): Tool;
}

/** Runs the program at `path` and judges its version. */
export async function lookAt<Tool>(
  program: Program<Tool>,
  path: string,
  ctx: ToolContext,
  extraEnv: Env = {},
): Promise<Lookup<Tool>> {
  if (!isExecutable(path)) return no(`${path} is not an executable file`);
  const said = await askVersion(ctx.places, ctx.env, path, program.versionArgs, extraEnv);
  if (!said.ok) return no(`${path} does not run: ${said.why}`);
  const version = program.versionIn(said.text);
  if (version === undefined) {
    return no(`${path} ${program.versionArgs.join(' ')} printed no version: ${show(said.text.slice(0, 60))}`);
  }
  if (!program.fits(version)) return no(`${path} is ${version}, not ${program.needed}`);
  return { kind: 'found', version, path, tool: program.tool(path, said.text) };
}

/**
 * A variable with a wrong value is an error: its user wants that program, not another one found elsewhere.
 * Empty counts as unset, as for most variables of a shell.
 * @param pathOf maps the value to the path of the program; default: identity.
 */
export function envSource<Tool>(
  variable: string,
  program: Program<Tool>,
  ctx: ToolContext,
  pathOf: (value: string) => string = (value) => value,
): ToolSource<Tool> {
  return {
    name: variable,
    async look() {
      const value = ctx.env[variable];
      if (value === undefined || value === '') return no('not set');
      const look = await lookAt(program, resolve(pathOf(value)), ctx);
      if (look.kind !== 'no') return look;
      return {
        kind: 'wrong',
        problem: {
          subject: variable,
          expected: `the path of ${program.needed}`,
          got: `${show(value)}: ${look.why}`,
          next: 'Correct it, or unset it to let Gauntlet look elsewhere.',
        },
      };
    },
  };
}

export function pathSource<Tool>(program: Program<Tool>, ctx: ToolContext): ToolSource<Tool> {
  return {
    name: 'PATH',
    async look() {
      const path = findOnPath(program.file, ctx.env);
      return path === undefined ? no(`no ${program.file} on PATH`) : lookAt(program, path, ctx);
    },
  };
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Not only ENOENT: below a plain file it is ENOTDIR, and /usr/lib/jvm does contain plain files.
    return false;
  }
}

/** Whether `version` (`4.3.1`) is at least `least` (`4.3`), number by number. */
export function atLeast(version: string, least: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, wanted] of least.split('.').map(Number).entries()) {
    const digit = have[index] ?? 0;
    if (digit !== wanted) return digit > wanted;
  }
  return true;
}
