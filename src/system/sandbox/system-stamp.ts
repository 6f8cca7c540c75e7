/** Which system a sandbox runs, so that a target of another one, or of a changed one, is not sent there. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/canonical-json.ts';
import { GauntletError } from '../../core/errors.ts';
import type { System } from '../../core/system.ts';
import type { SandboxState } from './state.ts';

export interface SystemStamp {
  readonly name: string;
  readonly file: string;
  /** Of all that a sandbox is planned from; two copies of one file have the same. */
  readonly digest: string;
}

export function stampOf({ name, file, folder, services, links, topics }: System): SystemStamp {
  // The only paths in it: protos, and bodies of questions.
  const local = services.map(({ endpoints, ...service }) => ({
    ...service,
    endpoints: canonicalJson(endpoints).replaceAll(`${folder}/`, ''),
  }));
  const text = canonicalJson({ name, services: local, links, topics });
  return { name, file, digest: createHash('sha256').update(text).digest('hex') };
}

/** @throws refused with the way out. */
export function requireSystem(state: Pick<SandboxState, 'name' | 'system'>, system: System): void {
  const wanted = stampOf(system);
  if (state.system.digest === wanted.digest) return;
  const isOther = state.system.name !== wanted.name;
  const flag = state.name === 'default' ? '' : ` --name ${state.name}`;
  throw new GauntletError('refused', [
    {
      subject: `sandbox ${state.name}`,
      expected: isOther ? `one of ${wanted.name}` : `one of ${wanted.name} as ${wanted.file} is now`,
      got: isOther ? `one of ${state.system.name}` : 'one that was started from another version of the file',
      next:
        `Stop it with: gauntlet sandbox down${flag}` +
        `${isOther ? `, or give the target one of its own: sandbox: { name: ${wanted.name} }` : ''}`,
    },
  ]);
}
