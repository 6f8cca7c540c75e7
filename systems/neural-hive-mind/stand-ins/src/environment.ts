/**
 * The environment that the sandbox gives a program (HOST, PORT, INSTANCE, <SERVICE>_ADDRESS) as the object that
 * its configuration is read from. What is missing there is missing here, and reported by its reader.
 */
import { addressOf } from '../../../../src/core/address.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** All addresses of a cluster. */
export const addressesIn = (environment: Environment, name: string): readonly string[] | undefined =>
  environment[name]?.split(',');

export const socketIn = (
  environment: Environment,
  name: string,
): { readonly host: string; readonly port: number } | undefined => {
  const text = environment[name];
  return text === undefined ? undefined : addressOf(text);
};

export const numberIn = (environment: Environment, name: string): number | undefined => {
  const text = environment[name];
  return text === undefined || text === '' ? undefined : Number(text);
};

export const placeIn = (environment: Environment) => ({
  instance: environment['INSTANCE'],
  host: environment['HOST'],
});
