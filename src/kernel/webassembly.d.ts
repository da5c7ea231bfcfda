/** What the kernel needs of WebAssembly: the compiler has its types only together with those of a browser. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  interface Instance {
    readonly exports: object;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  const Module: new (bytes: Uint8Array) => Module;
  const Instance: new (
    module: Module,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => Instance;
  const Memory: new (descriptor: { readonly initial: number; readonly maximum: number }) => Memory;
  const CompileError: ErrorConstructor;
  const LinkError: ErrorConstructor;
}
