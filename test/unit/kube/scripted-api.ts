/** An API server that answers from a script: lists, and watches whose lines the test sends and cuts. */

import { epochMs } from '../../../src/core/units.ts';
import type { ApiAnswer, ApiRequest, KubeApi } from '../../../src/kube/client/client.ts';

interface OpenWatch {
  readonly request: ApiRequest;
  readonly onLine: (line: string) => void;
  end(): void;
  fail(error: Error): void;
}

export class ScriptedApi implements KubeApi {
  readonly server = 'https://api.test';
  readonly requests: ApiRequest[] = [];
  readonly watches: OpenWatch[] = [];
  readonly #awaited = new Map<number, ((watch: OpenWatch) => void)[]>();
  /** What a path answers now; a function may throw. */
  readonly answers = new Map<string, (request: ApiRequest) => unknown>();

  async ask<T>(request: ApiRequest): Promise<ApiAnswer<T>> {
    this.requests.push(request);
    const answer = this.answers.get(request.path);
    if (!answer) throw new Error(`no answer for ${request.method} ${request.path}`);
    const at = epochMs(Date.now());
    return { body: answer(request) as T, sentAt: at, answeredAt: at, date: null };
  }

  lines(
    request: ApiRequest,
    signal: AbortSignal,
    onLine: (line: string) => void,
    onOpen: () => void,
  ): Promise<void> {
    onOpen();
    return new Promise((resolve, reject) => {
      const open = { request, onLine, end: resolve, fail: reject };
      this.watches.push(open);
      for (const tell of this.#awaited.get(this.watches.length) ?? []) tell(open);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** The newest watch, once there are so many. */
  async watch(count: number): Promise<OpenWatch> {
    const found = this.watches[count - 1];
    if (found) return found;
    return await new Promise((resolve) => {
      this.#awaited.set(count, [...(this.#awaited.get(count) ?? []), resolve]);
    });
  }
}
