/** CPU stresses on the supervisor's control socket. */

import { MOST_WORKERS, type Stress, type StressActs } from '../../../../src/core/acts/stress-acts.ts';
import { GauntletError, show } from '../../../../src/core/errors.ts';
import type { Ms } from '../../../../src/core/units.ts';
import type { ControlHandler } from '../../../../src/system/control-socket.ts';

/**
 * GET /stress/means · GET /stress/cpu?service= · GET /stress/list · PUT /stress Stress ·
 * POST /stress/renew {id, ttlMs} -> {renewed} · POST /stress/end {id, cpu, victims}.
 */
export function stressControl(stress: StressActs): ControlHandler {
  return async ({ method, path, body }) => {
    const url = new URL(path, 'http://sandbox');
    switch (`${method} ${url.pathname}`) {
      case 'GET /stress/means':
        return await stress.means();
      case 'GET /stress/cpu':
        return await stress.cpu(url.searchParams.get('service') ?? '');
      case 'GET /stress/list':
        return await stress.list();
      case 'PUT /stress':
        await stress.begin(checked(body as Stress));
        return {};
      case 'POST /stress/renew': {
        const { id, ttlMs } = body as { readonly id: string; readonly ttlMs: Ms };
        return { renewed: await stress.renew(id, ttlMs) };
      }
      case 'POST /stress/end':
        await stress.end(body as Stress);
        return {};
      default:
        return undefined;
    }
  };
}

function checked(stress: Stress): Stress {
  const { workers, ttlMs } = stress;
  const isGood = Number.isInteger(workers) && workers >= 1 && workers <= MOST_WORKERS && ttlMs > 0;
  if (isGood) return stress;
  throw new GauntletError('usage', [
    {
      subject: 'stress',
      expected: `1 to ${MOST_WORKERS} workers and a ttl above 0`,
      got: show({ workers, ttlMs }),
    },
  ]);
}
