/**
 * Which web-standard globals does the sandbox rely on? Only these, present in Node and in Workers alike; anything else
 * of a platform is a compile error here, because the project sees no platform's types.
 */

declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]?: string;
  }
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Global {
    value: number;
  }
  type Exports = Record<string, unknown>;
  type ImportValue = ((...args: never[]) => unknown) | Memory;
  type Imports = Record<string, Record<string, ImportValue>>;
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Exports;
  }
  class RuntimeError extends Error {}
}

declare class URL {
  constructor(url: string, base?: string);
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
}

interface SandboxCryptoKey {
  readonly type: string;
}

declare const crypto: {
  getRandomValues(bytes: Uint8Array): Uint8Array;
  randomUUID(): string;
  readonly subtle: {
    digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer>;
    importKey(
      format: "raw",
      key: Uint8Array,
      algorithm: { readonly name: "HMAC"; readonly hash: string },
      extractable: boolean,
      usages: readonly string[],
    ): Promise<SandboxCryptoKey>;
    sign(algorithm: "HMAC", key: SandboxCryptoKey, data: Uint8Array): Promise<ArrayBuffer>;
    verify(algorithm: "HMAC", key: SandboxCryptoKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
  };
};

declare class TextEncoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { readonly read: number; readonly written: number };
}

declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare function setTimeout(callback: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
