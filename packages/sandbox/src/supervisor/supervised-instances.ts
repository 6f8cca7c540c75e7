/** All instances of a supervisor: starts them in groups, reports their changes, stops them together. */
import type { Clock } from '../../../../src/core/clock.ts';
import type { Launch } from '../../../../src/system/processes/launch.ts';
import { Instance, type InstanceSpec } from './instance.ts';

export interface SupervisedDeps {
  readonly launch: Launch;
  readonly clock: Clock;
  /** A process could not be launched safely (the reaper has exited): the whole sandbox must end. */
  readonly broken: (error: unknown) => void;
}

export class SupervisedInstances {
  readonly #deps: SupervisedDeps;
  readonly #instances: Instance[] = [];
  readonly #listeners = new Set<(instance: Instance) => void>();

  constructor(deps: SupervisedDeps) {
    this.#deps = deps;
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  start(specs: readonly InstanceSpec[]): readonly Instance[] {
    const { launch, clock, broken } = this.#deps;
    const changed = (instance: Instance): void => {
      for (const listener of [...this.#listeners]) listener(instance);
    };
    const started = specs.map((spec) => new Instance(spec, { launch, clock, changed }));
    this.#instances.push(...started);
    for (const one of started) one.run().catch(broken);
    return started;
  }

  isReady(instance: string): boolean {
    return this.#instances.some((one) => one.spec.instance === instance && one.ready);
  }

  /** @returns a function that unsubscribes. */
  onChange(listener: (instance: Instance) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): void {
    for (const one of this.#instances) one.stop();
  }
}
