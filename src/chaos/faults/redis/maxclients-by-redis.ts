/**
 * Redis itself rejects new connections: its maxclients is lowered, over a connection that outlives the
 * harness.
 */
import type { ActName } from '../../../core/acts/act-names.ts';
import { theService } from '../../speakers.ts';
import { EXPECTED, type MaxclientsMeans, NAME, timersOf } from './maxclients-means.ts';
import { victimsOf } from './redis-nodes.ts';
import { redisPlan, sayVictims } from './redis-plan.ts';
import {
  changeOf,
  changesOf,
  SETTING_PERMISSIONS,
  type SettingChanges,
  settingVerbs,
} from './redis-setting.ts';

/** The lowest value that Redis accepts: the platform's own connection already reaches it. */
const LIMIT = '1';
/**
 * One that is open before and outlives the harness: any later connection is rejected, including one for the
 * undo.
 */
const PERMISSIONS: readonly ActName[] = [...SETTING_PERMISSIONS, 'redis.keptConnection'];

export const byRedis: MaxclientsMeans<SettingChanges, SettingChanges> = {
  permissions: PERMISSIONS,

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const victims = await victimsOf(NAME, { service, node: spec.node }, world);
    const key = { key: 'maxclients', to: LIMIT, other: 'more than 1' } as const;
    const each = await Promise.all(victims.map((one) => changeOf(NAME, service, one, key)));
    const connectedClients = each.reduce((sum, { figures }) => sum + figures.connectedClients, 0);
    const changes = changesOf(
      service,
      each.map((one) => one.change),
    );
    const own = {
      fault: NAME,
      victim: sayVictims(victims),
      victims: victims.map((one) => one.name),
      probes: ['answers'] as const,
      timers: [
        `By Redis itself (maxclients ${LIMIT}): it rejects every new connection, whoever dials.`,
        ...timersOf(connectedClients),
      ],
      permissions: PERMISSIONS,
      undo: changes,
      act: changes,
    };
    return redisPlan(service, own, world);
  },

  ...settingVerbs(NAME, EXPECTED),
};
