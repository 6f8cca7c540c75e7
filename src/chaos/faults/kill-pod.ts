/** Kills instances of a service by signal; the platform brings successors. Done once, it holds nothing (decision 004). */
import { GauntletError } from '../../core/errors.ts';
import type { Fault } from '../fault.ts';
import type { KillAct } from '../kill-proof.ts';
import type { KillUndo } from '../kill-removal.ts';
import { KILL_PARAMETERS, type KillSpec, parseKill } from '../kill-spec.ts';
import { KILL_PERMISSIONS, KILL_UNDONE, killed, killPlan } from '../killing.ts';
import { draw, instancesOf } from '../victims.ts';
import { needActs, type World } from '../world.ts';

const NAME = 'kill-pod';

export const killPod: Fault<KillSpec, KillAct, KillUndo> = {
  name: NAME,
  summary: 'kills instances of a service and watches their successors come back',
  parameters: KILL_PARAMETERS,
  permissions: KILL_PERMISSIONS,
  undone: KILL_UNDONE,
  example: 'kill-pod: { service: specialist-business, signal: SIGKILL }',
  parse: parseKill,

  async plan(spec, world) {
    needRemoval(spec, world);
    const { service, signal, evict, graceMs, acceptOutage: outageAccepted } = spec;
    const ofService = await instancesOf(NAME, service, world);
    const chosen = draw(ofService, spec.mode, world.rng);
    const killing = { fault: NAME, service, signal, outageAccepted, ofService, chosen, evict, graceMs };
    const plan = await killPlan(killing, world);
    return evict ? { ...plan, permissions: plan.permissions.map(evicting) } : plan;
  },

  ...killed(NAME),
};

const evicting = (permission: string): string =>
  permission === 'instances.signal' ? 'instances.evict' : permission;

/** What only a platform knows that removes instances itself is refused elsewhere, never ignored. */
function needRemoval(spec: KillSpec, world: World): void {
  const { instances } = needActs(NAME, world, ['instances']);
  if (instances.removal || (!spec.evict && spec.graceMs === null)) return;
  const subject = `${NAME}.${spec.evict ? 'evict' : 'grace'}`;
  const expected = 'a platform that removes instances itself (kubernetes)';
  const next = 'Leave it out: on this platform a signal is sent.';
  throw new GauntletError('refused', [{ subject, expected, got: world.platform.handle.platform, next }]);
}
