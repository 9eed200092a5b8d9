/** The bytes of the WebAssembly module, as base64. */
declare const encoded: string;
export default encoded;
