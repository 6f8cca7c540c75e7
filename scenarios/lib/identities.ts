/**
 * The senders: a pool of users and tenants. The platform limits a user to 1,000 requests a minute with a
 * burst of 100; the pool is large enough for 1,500 requests a second with every user far below that.
 */
import { iterationPlace } from './here.ts';
import { required } from './load.ts';
import { type Chooser, chooser } from './random.ts';

export interface Identity {
  readonly userId: string;
  readonly tenantId: string;
}

const USERS = 100;
const TENANTS = 8;

const POOL: readonly Identity[] = Array.from({ length: USERS }, (_unused, index) => ({
  userId: `gauntlet-user-${String(index + 1).padStart(3, '0')}`,
  tenantId: `gauntlet-tenant-${(index % TENANTS) + 1}`,
}));

export const identityOf = (choose: Chooser): Identity => choose.pick(POOL);

/** Without it the next run with the same seed would send the same ids, and get `duplicate` for 300 s. */
const run = required('GAUNTLET_RUN_ID', 'the id of the run');

/** Identifies this iteration in this run uniquely. */
export const iterationKey = (seed: number): string => `${run}/${seed}/${iterationPlace()}`;

/**
 * The choices of one iteration depend on the seed, not on the run, so that the same seed repeats the traffic.
 */
export const choicesOf = (seed: number): Chooser => chooser(`${seed}/${iterationPlace()}`);
