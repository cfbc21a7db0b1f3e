// Whether the stack has room for a call, where there is no wasm to ask: see src/js/base/engine.js.

const noop = () => {};
/** They lie on the stack while it is called: 16 kB. */
const ARGUMENTS = /* @__PURE__ */ (() => new Array(2048).fill(0))();

/** Throws the platform's own error unless there is room for a call. */
export function takeRoom() {
  noop.apply(undefined, ARGUMENTS);
}
