/** @type {import('next').NextConfig} */
export default {
  // The server takes the package from node_modules, where its wasm is.
  serverExternalPackages: ['taskloom'],
};
