/** What is used of Node's own modules, without depending on their declarations. */
interface Builtins {
  "node:fs/promises": {
    readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
    readFile(path: string, encoding: "utf8"): Promise<string>;
  };
  "node:os": { homedir(): string };
  "node:worker_threads": {
    parentPort: { postMessage(message: unknown): void; on(name: "message", listener: (message: unknown) => void): void } | null;
    Worker: new (script: URL | string, options?: { eval?: boolean }) => {
      postMessage(message: unknown): void;
      terminate(): unknown;
    };
  };
  "node:path": { join(...parts: string[]): string };
}

interface Process {
  env: Record<string, string | undefined>;
  getBuiltinModule?: <N extends keyof Builtins>(name: N) => Builtins[N];
}

/** @internal The process of Node and its like; `undefined` in a browser. */
export function nodeProcess(): Process | undefined {
  const { process } = globalThis as { process?: Process };
  return process?.getBuiltinModule ? process : undefined;
}

/** @internal A module of Node's, asked for in a way that no bundler follows; `undefined` in a browser. */
export function builtin<N extends keyof Builtins>(name: N): Builtins[N] | undefined {
  return nodeProcess()?.getBuiltinModule?.(name);
}
