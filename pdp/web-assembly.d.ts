/**
 * The part of WebAssembly's JavaScript API that the decision point uses. TypeScript describes it only together with the whole browser,
 * and this version of Node's types leaves it out.
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Global {
    value: number;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
