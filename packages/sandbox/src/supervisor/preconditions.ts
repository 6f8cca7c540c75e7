/** The preconditions of a sandbox, checked all at once: tools, compiled programs, free disk. */
import { existsSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GauntletError, messageOf, type Problem } from '../../../../src/core/errors.ts';
import { partsOf, withProcesses } from '../../../../src/core/sandbox/processes.ts';
import type { System } from '../../../../src/core/system.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { programPath, projectRoot, uncompiled } from '../../../../src/system/project.ts';
import type { Programs, SandboxTools } from './config.ts';

/** The files of an idle sandbox take 2 MB (measured); the rest is for the messages and logs of a run. */
const LEAST_FREE_MB = 300;
const BYTES_PER_MB = 1e6;

export interface Preconditions {
  readonly tools: SandboxTools;
  readonly programs: Programs;
}

export interface HostReads {
  readonly exists: (path: string) => boolean;
  /**
   * Free space for users without privileges, in the file system of this folder, which is created if possible.
   */
  readonly freeMb: (path: string) => number;
}

const THIS_HOST: HostReads = {
  exists: existsSync,
  freeMb: (path) => {
    makeFolder(path, 0o700);
    const { bavail, bsize } = statfsSync(path);
    return (bavail * bsize) / BYTES_PER_MB;
  },
};

const PROGRAMS: Programs = {
  proxy: programPath('packages/link-proxy/src/main'),
  spinner: programPath('src/system/stress/spinner-main'),
  hog: programPath('src/system/stress/hog-main'),
};
const OWN_PROGRAMS = ['supervisor', 'reaper'].map((one) => programPath(`packages/sandbox/src/${one}/main`));

/** @param root the folder of all sandboxes. @throws unavailable, naming everything that is missing. */
export function requirePreconditions(
  system: System,
  tools: Tools,
  root: string,
  host: HostReads = THIS_HOST,
): Preconditions {
  const problems: Problem[] = [];
  for (const part of partsOf(system)) {
    const next = `Get it with: gauntlet doctor --fix${part === 'postgres' ? ' --target TARGET' : ''}`;
    if (!tools[part])
      problems.push({ subject: part, expected: 'to be found', got: 'nothing', text: 'not found', next });
  }
  for (const program of [...OWN_PROGRAMS, ...Object.values(PROGRAMS)]) {
    if (!host.exists(program)) problems.push(uncompiled(program));
  }
  problems.push(...missingPrograms(system, host));
  const expected = `a writable folder with at least ${LEAST_FREE_MB} MB of free disk`;
  try {
    const free = host.freeMb(root);
    if (free < LEAST_FREE_MB) problems.push({ subject: root, expected, got: `${Math.floor(free)} MB` });
  } catch (error) {
    problems.push({ subject: root, expected, got: messageOf(error) });
  }
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
  return { tools, programs: PROGRAMS };
}

/** Files that are named by a path; whether a name is on PATH, the start shows. */
function missingPrograms(system: System, host: HostReads): readonly Problem[] {
  const compiled = join(projectRoot, 'dist');
  const paths = withProcesses(system).flatMap(({ name, sandbox }) => {
    if (sandbox?.kind !== 'run') return [];
    const [program = '', script] = sandbox.command;
    const file = program === 'node' && script?.startsWith('-') === false ? script : program;
    return file.includes('/') || file !== program ? [{ name, path: resolve(system.folder, file) }] : [];
  });
  const seen = new Set<string>();
  return paths.flatMap(({ name, path }) => {
    if (seen.has(path) || host.exists(path)) return [];
    seen.add(path);
    const isOurs = path.startsWith(`${compiled}/`);
    return [
      isOurs ? uncompiled(path) : { subject: path, expected: `the program of ${name}`, got: 'nothing' },
    ];
  });
}
