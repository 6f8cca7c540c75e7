import { thisPlace } from '../../system/holder.ts';

/** After a reboot, and on another machine, a pid is another process. */
export const isThisBoot = (boot: string): boolean => boot !== '' && boot === thisPlace().boot;
