/** The preconditions of a sandbox, checked all at once: tools, compiled programs, free disk. */
import { existsSync, statfsSync } from 'node:fs';
import { GauntletError, messageOf, type Problem } from '../../../../src/core/errors.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { programPath, uncompiled } from '../../../../src/system/project.ts';
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
  gateway: programPath('systems/neural-hive-mind/stand-ins/src/gateway/main'),
  specialist: programPath('systems/neural-hive-mind/stand-ins/src/specialist/main'),
  hive: programPath('systems/neural-hive-mind/stand-ins/src/hive/main'),
  proxy: programPath('packages/link-proxy/src/main'),
  spinner: programPath('packages/sandbox/src/spinner/main'),
  hog: programPath('packages/sandbox/src/hog/main'),
};
const OWN_PROGRAMS = ['supervisor', 'reaper'].map((one) => programPath(`packages/sandbox/src/${one}/main`));

/** @param root the folder of all sandboxes. @throws unavailable, naming everything that is missing. */
export function requirePreconditions(tools: Tools, root: string, host: HostReads = THIS_HOST): Preconditions {
  const problems: Problem[] = [];
  const { redis, java, kafka } = tools;
  const fix = 'Get it with: gauntlet doctor --fix';
  for (const [subject, found] of Object.entries({ redis, java, kafka })) {
    if (!found)
      problems.push({ subject, expected: 'to be found', got: 'nothing', text: 'not found', next: fix });
  }
  for (const program of [...OWN_PROGRAMS, ...Object.values(PROGRAMS)]) {
    if (!host.exists(program)) problems.push(uncompiled(program));
  }
  const expected = `a writable folder with at least ${LEAST_FREE_MB} MB of free disk`;
  try {
    const free = host.freeMb(root);
    if (free < LEAST_FREE_MB) problems.push({ subject: root, expected, got: `${Math.floor(free)} MB` });
  } catch (error) {
    problems.push({ subject: root, expected, got: messageOf(error) });
  }
  if (problems.length > 0 || !redis || !java || !kafka) throw new GauntletError('unavailable', problems);
  return { tools: { redis, java, kafka }, programs: PROGRAMS };
}
