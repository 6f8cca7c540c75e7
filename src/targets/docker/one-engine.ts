/**
 * The engine that a run acts on, and no other: a socket may belong to another engine by the time of an undo,
 * on which a container that is not found would look like one whose fault is over.
 */
import type { DockerHandle } from '../../core/acts/docker-handle.ts';
import { GauntletError } from '../../core/errors.ts';
import { passedOnce } from '../../core/passed-once.ts';
import { infoShape } from './containers.ts';
import { Engine } from './engine.ts';

export interface OneEngine {
  /** @throws unavailable when it does not answer; refused when another one does. */
  engine(): Promise<Engine>;
  close(): void;
}

export function oneEngine({ socket, engine: id }: Pick<DockerHandle, 'socket' | 'engine'>): OneEngine {
  const engine = new Engine(socket);
  const check = passedOnce(async () => {
    const found = await idOf(engine);
    if (found === id) return;
    const subject = `Docker engine at ${socket}`;
    const next = 'Start the engine of the run there again. Nothing was touched.';
    throw new GauntletError('refused', [{ subject, expected: `engine ${id}`, got: `engine ${found}`, next }]);
  });
  return {
    async engine() {
      await check();
      return engine;
    },
    close: () => engine.close(),
  };
}

/** @throws unavailable when it does not answer. */
export const idOf = async (engine: Engine): Promise<string> =>
  (await engine.get('/info', infoShape))?.ID ?? '';
