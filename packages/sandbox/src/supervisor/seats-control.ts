/**
 * The part of the control socket for workloads: GET /workloads/list?service= · POST /workloads/read {workload}
 * · POST /workloads/roll {workload, mark} · POST /workloads/scale {workload, from, to} · GET
 * /workloads/ready?service=&seen=, the changes of the number of ready instances.
 */
import type { Workload } from '../../../../src/core/acts/workload-acts.ts';
import { GauntletError, show } from '../../../../src/core/errors.ts';
import type { ControlHandler } from '../../../../src/system/control-socket.ts';
import type { ReadyLog } from './ready-log.ts';
import type { Seats } from './seats.ts';

interface Body {
  readonly workload: Workload;
  readonly mark: string;
  readonly from: number;
  readonly to: number;
}

/** @param services those with instances. */
export function seatsControl(seats: Seats, log: ReadyLog, services: () => readonly string[]): ControlHandler {
  return async ({ method, path, body }) => {
    const url = new URL(path, 'http://sandbox');
    const { workload, mark, from, to } = (body ?? {}) as Body;
    const service = (): string => {
      const asked = url.searchParams.get('service') ?? '';
      const known = services();
      if (known.includes(asked)) return asked;
      const expected = `one of ${known.join(', ')}`;
      throw new GauntletError('usage', [{ subject: 'service', expected, got: show(asked) }]);
    };
    switch (`${method} ${url.pathname}`) {
      case 'GET /workloads/list':
        return seats.list(service());
      case 'POST /workloads/read':
        return { state: seats.read(workload) };
      case 'POST /workloads/roll':
        return { outcome: seats.roll(workload, mark) };
      case 'POST /workloads/scale':
        return { outcome: seats.scale(workload, from, to) };
      case 'GET /workloads/ready':
        return log.since(service(), Number(url.searchParams.get('seen') ?? 0));
      default:
        return undefined;
    }
  };
}
