import { GauntletError } from '../../core/errors.ts';

export const cannotStart = ({ id }: { readonly id: string }, got: string): GauntletError =>
  new GauntletError('unavailable', [
    { subject: id, expected: 'to start', got, text: `cannot start: ${got}` },
  ]);
