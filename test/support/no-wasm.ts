/** What a runtime may refuse: WebAssembly as a whole, its memory (a limit on the address space), or its code (a policy). */
export type Refusal = 'all' | 'memory' | 'code';

/** Takes WebAssembly away from this process until it is disposed of. */
export function refuseWebAssembly(refusal: Refusal): Disposable {
  const whole = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly');
  if (whole === undefined) throw new Error('this process has no WebAssembly');
  const { Module, Instance, Memory, CompileError, LinkError } = WebAssembly;
  const refuses = (error: Error) =>
    function refused(): never {
      throw error;
    };
  const value = {
    Module,
    Instance: refusal === 'code' ? refuses(new CompileError('code generation disallowed')) : Instance,
    Memory: refusal === 'memory' ? refuses(new RangeError('could not allocate memory')) : Memory,
    CompileError,
    LinkError,
  };
  if (refusal === 'all') Reflect.deleteProperty(globalThis, 'WebAssembly');
  else Object.defineProperty(globalThis, 'WebAssembly', { ...whole, value });
  return {
    [Symbol.dispose]: () => {
      Object.defineProperty(globalThis, 'WebAssembly', whole);
    },
  };
}
