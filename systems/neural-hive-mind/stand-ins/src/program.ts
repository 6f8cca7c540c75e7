/**
 * The life of a service process: announces its sockets on stdout, reports problems on stderr, exits
 * immediately when stdin ends (the supervisor has exited) and gracefully on SIGTERM (requests in flight
 * finish, within the grace time).
 */
import { messageOf } from '../../../../src/core/errors.ts';

export interface Service {
  /** The listening sockets, for the supervisor: name → `host:port`. */
  readonly listening: Readonly<Record<string, string>>;
  /** Stops accepting, lets requests in flight finish, and resolves when everything is closed. */
  stop(): Promise<void>;
}

/** One line of JSON on stderr per problem. */
export const reportProblem = (what: string, error: unknown): void => {
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), what, error: messageOf(error) })}\n`,
  );
};

/**
 * @param start starts the service; its error is reported and ends the process with exit code 3, as uvicorn
 * does when an application's start-up fails.
 * @param exit ends the process; only a program's main file may pass it.
 */
export async function runService(
  start: () => Promise<Service>,
  exit: (code: number) => never,
  graceMs: number,
): Promise<void> {
  process.stdin.on('end', () => exit(0));
  process.stdin.on('error', () => exit(0));
  process.stdin.resume();
  // During start-up no request is in flight: SIGTERM keeps its default action, immediate death.
  let service: Service;
  try {
    service = await start();
  } catch (error) {
    reportProblem('start-up failed', error);
    return exit(3);
  }
  process.once('SIGTERM', () => {
    setTimeout(() => exit(0), graceMs);
    service.stop().then(
      () => exit(0),
      (error: unknown) => {
        reportProblem('stop failed', error);
        exit(1);
      },
    );
  });
  process.stdout.write(`${JSON.stringify({ listening: service.listening })}\n`);
}
