/** The questions of a system that a campaign may name, whatever the addresses of a target. */
import type { System } from '../core/system.ts';
import { CONTRACT, protocolNamed, READY } from './asks.ts';

/** `<service>:<ask>`, without `ready`, which is the service itself, and contracts, which are asked before load. */
export const namesOfAsks = ({ services }: Pick<System, 'services'>): readonly string[] =>
  services.flatMap(({ name, endpoints }) =>
    endpoints.flatMap(({ protocol, asks }, index) => {
      const isFurther = index > 0 && asks[READY] !== undefined;
      const builtIn = index === 0 ? protocolNamed(protocol).builtIn : [];
      const own = [...new Set([...Object.keys(asks), ...builtIn])];
      const names = own.filter((ask) => ask !== READY && ask !== CONTRACT);
      return [...(isFurther ? [protocol] : []), ...names].map((ask) => `${name}:${ask}`);
    }),
  );
