/**
 * What speaks to others: servers here and elsewhere, and small programs. Most
 * commands speak to nobody and load none of it.
 *
 * @module
 */

export { denoNetwork } from "./deno_network.ts";
export { denoPrograms } from "./deno_programs.ts";
export { denoTcp } from "./deno_tcp.ts";
export { denoWeb } from "./deno_web.ts";
