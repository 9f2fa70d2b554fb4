// A Worker that makes an instance of the core for each request to /instantiate, and none for others.
import factory from './core_module.mjs';
import compiled from './core.wasm';

export default {
  async fetch(request) {
    if (!request.url.endsWith('/instantiate')) return new Response('none');
    const module = await factory({
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(compiled, imports).then(done);
        return {};
      },
    });
    const place = module._ashlar_allocate(1);
    module._ashlar_release(place);
    return new Response(String(module.HEAPU8.length));
  },
};
