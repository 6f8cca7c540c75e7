/** Memory stresses on the supervisor's control socket. */

import {
  LEAST_MEMORY,
  type MemoryActs,
  type MemoryStress,
  type MemoryUndo,
  MIB,
  MOST_MEMORY,
} from '../../../../src/core/acts/memory-acts.ts';
import { GauntletError, show } from '../../../../src/core/errors.ts';
import type { Victim } from '../../../../src/core/topology.ts';
import type { Ms } from '../../../../src/core/units.ts';
import type { ControlHandler } from '../../../../src/system/control-socket.ts';

/** The id becomes the name of a directory that is later removed, so it has only these characters. */
const ID = /^memory-stress-[0-9a-f-]{36}$/;

/**
 * POST /memory/means Victim · GET /memory/list · GET /memory/ended?id= -> {endedAt} · PUT /memory MemoryStress ·
 * POST /memory/renew {id, ttlMs} -> {renewed} · POST /memory/end MemoryUndo.
 */
export function memoryControl(memory: MemoryActs): ControlHandler {
  return async ({ method, path, body }) => {
    const url = new URL(path, 'http://sandbox');
    switch (`${method} ${url.pathname}`) {
      case 'POST /memory/means':
        return await memory.means(body as Victim);
      case 'GET /memory/list':
        return await memory.list();
      case 'GET /memory/ended':
        return { endedAt: await memory.endedAt(url.searchParams.get('id') ?? '') };
      case 'PUT /memory':
        await memory.begin(checked(body as MemoryStress));
        return {};
      case 'POST /memory/renew': {
        const { id, ttlMs } = body as { readonly id: string; readonly ttlMs: Ms };
        return { renewed: await memory.renew(id, ttlMs) };
      }
      case 'POST /memory/end':
        await memory.end(named(body as MemoryUndo));
        return {};
      default:
        return undefined;
    }
  };
}

function checked(stress: MemoryStress): MemoryStress {
  const { limitBytes, ttlMs } = stress;
  const isGood = limitBytes >= LEAST_MEMORY && limitBytes <= MOST_MEMORY && ttlMs > 0;
  if (isGood) return named(stress);
  const expected = `a limit of ${LEAST_MEMORY / MIB} to ${MOST_MEMORY / MIB} MiB and a ttl above 0`;
  throw new GauntletError('usage', [{ subject: 'memory', expected, got: show({ limitBytes, ttlMs }) }]);
}

function named<One extends MemoryUndo>(undo: One): One {
  if (ID.test(undo.id)) return undo;
  throw new GauntletError('usage', [
    { subject: 'memory', expected: 'an id such as memory-stress-<uuid>', got: show(undo.id) },
  ]);
}
