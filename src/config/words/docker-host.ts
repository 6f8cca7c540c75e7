/** Where a Docker engine listens: its unix socket. Containers are ended on the engine's own machine. */
import { textWord } from './word.ts';

export const DOCKER_HOST_ALLOWED = 'a unix socket, such as unix:///var/run/docker.sock';

const PATTERN = /^unix:\/\/(\/.+)$/;

export const dockerHost = textWord({
  description: 'The unix socket of a Docker engine.',
  examples: ['unix:///var/run/docker.sock'],
  expected: DOCKER_HOST_ALLOWED,
  pattern: PATTERN,
});

/** The path of its socket; null for anything else. */
export const dockerSocket = (host: string): string | null => PATTERN.exec(host)?.[1] ?? null;
