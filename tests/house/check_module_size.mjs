// check_module_size.mjs CORE_WASM BYTES_MAX: the core, as browsers and edges fetch it, stays small.
// Compressed by brotli at quality 11, which every browser takes.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [path, bytesMax] = [process.argv[2], Number(process.argv[3])];
const module = readFileSync(path);
const brotli = brotliCompressSync(module, {
    params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: module.length,
    },
}).length;
const gzip = gzipSync(module, { level: 9 }).length;
console.log(`${path}: ${module.length} bytes; brotli -q 11: ${brotli}; gzip -9: ${gzip}; ` +
            `the most is ${bytesMax} with brotli`);
if (brotli > bytesMax) {
    console.log("What weighs, function by function: link once more with --profiling-funcs, and read " +
                "the sizes in the code section beside the names. Cold code is built with -Os, and " +
                "only codec/ and the schema with exceptions (cmake/AshlarDependenciesWasm.cmake).");
    process.exit(1);
}
