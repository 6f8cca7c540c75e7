/** A fault that is there by name and does nothing any more: seen by whoever looks at its effect, not at its object. */
import { GauntletError } from './errors.ts';

export class EffectLost extends GauntletError {}
