import type { DockerService } from '../../core/acts/docker-handle.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError } from '../../core/errors.ts';
import { own } from '../../core/own.ts';

/** @throws usage with the nearest name. */
export function serviceOf(services: Readonly<Record<string, DockerService>>, name: string): DockerService {
  const found = own(services, name);
  if (found !== undefined) return found;
  const known = Object.keys(services);
  const expected = `one of ${known.join(', ')}`;
  const problem = { subject: 'service', expected, got: JSON.stringify(name), ...didYouMean(name, known) };
  throw new GauntletError('usage', [problem]);
}
