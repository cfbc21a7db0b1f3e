// `using` calls Symbol.dispose. Where the platform has none yet, this is the symbol that polyfills agree on.

export const DISPOSE = Symbol.dispose ?? Symbol.for('Symbol.dispose');
