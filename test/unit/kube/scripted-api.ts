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
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** The newest watch, once there are so many. */
  async watch(count: number): Promise<OpenWatch> {
    for (let tries = 0; tries < 500; tries += 1) {
      const found = this.watches[count - 1];
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`only ${this.watches.length} watches were opened`);
  }
}
