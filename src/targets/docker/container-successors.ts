/** Whether a container that ends is started again: by its restart policy, or as the target file says. */
import type { DockerService } from '../../core/acts/docker-handle.ts';
import type { Successor } from '../../core/acts/successors.ts';
import type { Container } from './containers.ts';

const FIX =
  'Give it restart: unless-stopped in its Compose file, or say in the target file what starts it again: ' +
  'restart: supervisor, or restart: "the command".';

/** A policy comes first: what the target file says is for containers without one. */
export function successorOf(
  { policy, restarts }: Container,
  { restart }: DockerService,
  signal: 'SIGKILL' | 'SIGTERM',
): Successor {
  const objection = objectionTo(policy, restarts, signal);
  if (objection === null) return { kind: 'comes', by: `its restart policy ${policy.name}` };
  if (restart === 'supervisor') return { kind: 'comes', by: 'its supervisor' };
  if (restart !== null) return { kind: 'comes', by: `the command ${restart.command}` };
  return { kind: 'none', why: objection, fix: FIX };
}

/** Null: the engine itself starts it again. */
export function objectionTo(
  { name, most }: Container['policy'],
  restarts: number,
  signal: 'SIGKILL' | 'SIGTERM',
): string | null {
  if (name === 'always' || name === 'unless-stopped') return null;
  if (name !== 'on-failure') return 'it has no restart policy';
  if (most > 0 && restarts >= most) return `its restart policy on-failure:${most} is used up`;
  return signal === 'SIGKILL' ? null : 'its restart policy on-failure leaves it ended when it exits with 0';
}
