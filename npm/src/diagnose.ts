/**
 * What stands between a page and a BTrDB service, and what to set. Loads no WebAssembly.
 *
 * @module
 */

/** What {@link diagnose} finds. */
export type Finding =
  /** All is well. */
  | "ok"
  /** The machine has no network. */
  | "offline"
  /** Nothing answers there. */
  | "unreachable"
  /** The page is of HTTPS and the endpoint is not. */
  | "mixed-content"
  /** The server does not let pages of this origin in. */
  | "origin-refused"
  /** It does, but not with all headers of gRPC-web. */
  | "preflight-refused"
  /** It does, but keeps the status of calls from the page. */
  | "expose-headers"
  /** Something else than BTrDB answers. */
  | "not-grpc"
  /** gRPC answers, but not gRPC-web. */
  | "plain-grpc"
  /** A proxy answers, but does not reach BTrDB. */
  | "gateway"
  /** The server wants another API key. */
  | "wrong-key"
  /** A proxy keeps answers until they are complete. */
  | "buffering";

/** What {@link diagnose} found. */
export interface Diagnosis {
  /** Which of all cases it is. */
  finding: Finding;
  /** What was seen. */
  message: string;
  /** What to set, in words; empty where all is well. */
  remedy: string;
}

/** What {@link diagnose} may use. */
export interface DiagnoseOptions {
  /** The API key, where the server asks for one. */
  apiKey?: string | undefined;
  /** The uuid of a stream of some hundred thousand points: without one, a proxy that keeps answers back stays unnoticed. */
  stream?: string | undefined;
  /** For how long to wait for each answer, in milliseconds; 10,000 unless given. */
  timeoutMs?: number | undefined;
}

const REMEDIES: Record<Finding, string> = {
  ok: "",
  offline: "Connect to a network.",
  unreachable:
    "Check that the server runs and that address, port and scheme are right (btrdb-local prints them), that no firewall is " +
    "between, and, for https, that the certificate is trusted: open the endpoint in a tab to see what the browser says. " +
    "A server that speaks HTTP/2 without TLS, as plain gRPC does, looks the same to a page.",
  "mixed-content":
    "Serve the endpoint over TLS: btrdb-local serve --listen-tls with --tls-cert and --tls-key; in Envoy a " +
    "transport_socket of TLS in the listener.",
  "origin-refused":
    "Name the page's origin: btrdb-local serve --cors-origin ORIGIN; in Envoy the filter envoy.filters.http.cors before the " +
    "router, with allow_origin_string_match in typed_per_filter_config under that very name.",
  "preflight-refused":
    "Allow the method POST and the headers content-type, x-grpc-web, grpc-timeout, authorization, grpc-accept-encoding and " +
    "x-api-client: allow_methods and allow_headers of Envoy's CORS policy, whose filter comes before any that asks for a " +
    "key, since a preflight has none. btrdb-local allows them to origins named by --cors-origin.",
  "expose-headers":
    "Expose grpc-status, grpc-message and grpc-status-details-bin: expose_headers of Envoy's CORS policy. btrdb-local does " +
    "so for origins named by --cors-origin.",
  "not-grpc":
    "Give the endpoint of BTrDB itself, with the path that the proxy serves it under, and route /v5api.BTrDB/ there.",
  "plain-grpc":
    "Translate: in Envoy http_filters envoy.filters.http.grpc_web, cors and router, in that order, and HTTP/2 to the cluster " +
    "(explicit_http_config: http2_protocol_options). nginx passes gRPC on, but does not translate it. btrdb-local speaks " +
    "gRPC-web unless started with --native-only.",
  gateway: "Check the proxy's upstream: that BTrDB runs there, and that the proxy speaks HTTP/2 to it.",
  "wrong-key": "Give the key as apiKey. btrdb-local knows those in the file of --api-keys.",
  buffering:
    "Let the proxy pass answers on as they come: in nginx proxy_buffering off, elsewhere as its manual says; in Envoy no " +
    "buffer filter on the route.",
};

const HEADERS = { "content-type": "application/grpc-web+proto", "x-grpc-web": "1", "grpc-timeout": "1M" };

/** What came back of a call. */
interface Answer {
  httpStatus: number;
  type: string;
  /** The status of gRPC, if one can be seen. */
  status: number | undefined;
  message: string;
  bytes: number;
  text: string;
  /** After how many milliseconds the content began, and after how many it had come. */
  firstMs: number;
  totalMs: number;
}

/**
 * Finds out why calls to `endpoint`, which is as `connect` takes it, fail: asks the server a few questions, and changes
 * nothing. Cases that a page cannot tell apart are told by what else it can do.
 */
export async function diagnose(endpoint: string, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { apiKey, stream, timeoutMs = 10_000 } = options;
  const url = address(endpoint);
  const { location: page, navigator } = globalThis as { location?: Location; navigator?: { onLine?: boolean } };
  const isHere = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (page?.protocol === "https:" && url.protocol === "http:" && !isHere) {
    return found("mixed-content", `a page of ${page.origin} may not ask ${url.origin}`);
  }
  const isElsewhere = page !== undefined && page.origin !== url.origin;
  const key: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const headers = { ...HEADERS, ...key };
  const ask = (call: string, message?: Uint8Array<ArrayBuffer>) => asked(`${base(url)}/v5api.BTrDB/${call}`, headers, timeoutMs, message);
  let answer: Answer;
  try {
    answer = await ask("Info");
  } catch (failure) {
    if (navigator?.onLine === false && !isHere) return found("offline", `no network, so no ${url.origin}`);
    const cause = (failure as Error).cause as { code?: string } | undefined;
    const why = `${String(failure)}${cause ? `: ${String(cause)}` : ""}`;
    if (cause?.code?.startsWith("HPE_")) return found("plain-grpc", `${url.origin} does not speak HTTP/1.1 (${why})`);
    if (!isElsewhere || !(await passes(url.href, timeoutMs, { mode: "no-cors" }))) {
      return found("unreachable", `nothing answers at ${url.origin} (${why})`);
    }
    return refusal(`${base(url)}/v5api.BTrDB/Info`, headers, timeoutMs, page);
  }
  const seen = `${url.origin} answered HTTP ${answer.httpStatus} with ${answer.type || "no content type"}`;
  if (answer.httpStatus === 401 || answer.status === 16) {
    return found("wrong-key", `the server does not accept ${apiKey === undefined ? "calls without a key" : "the key"}`);
  }
  if (answer.status === 14 || [502, 503, 504].includes(answer.httpStatus)) {
    return found("gateway", `${seen}: ${answer.message || answer.text}`);
  }
  if (answer.httpStatus === 415 || /^application\/grpc(?!-web)/.test(answer.type)) return found("plain-grpc", seen);
  if (!answer.type.startsWith("application/grpc-web")) return found("not-grpc", `${seen}: ${answer.text}`);
  const isSilent = ({ status, bytes }: Answer) => status === undefined && bytes === 0;
  if (answer.status === undefined && !(isElsewhere && isSilent(answer))) {
    return found("plain-grpc", `${seen}, but without the status that gRPC-web ends with`);
  }
  // A call that nobody knows has its status in the headers alone, as errors have.
  if (isElsewhere && (isSilent(answer) || isSilent(await ask("Diagnose")))) {
    return found("expose-headers", `a page of ${page.origin} cannot see the header grpc-status of ${url.origin}`);
  }
  if (answer.status !== 0) return found("not-grpc", `${seen}, status ${answer.status}: ${answer.message}`);
  if (stream === undefined) return found("ok", `BTrDB answers at ${url.origin}`);
  const small = await ask("Info");
  const { firstMs, totalMs, bytes } = await ask("RawValues", allPoints(stream));
  const waited = firstMs - small.totalMs;
  if (totalMs > 100 && waited > totalMs / 2) {
    const times = `its first byte came after ${Math.round(firstMs)} of ${Math.round(totalMs)} ms`;
    return found("buffering", `an answer of ${bytes} bytes came all at once: ${times}`);
  }
  return found("ok", `BTrDB answers at ${url.origin}, and what is long comes as it is made`);
}

function found(finding: Finding, message: string): Diagnosis {
  return { finding, message, remedy: REMEDIES[finding] };
}

/** Why a server that answers does not answer a page of another origin. */
async function refusal(url: string, headers: Record<string, string>, timeoutMs: number, page: Location): Promise<Diagnosis> {
  const post = (headers: Record<string, string>) => passes(url, timeoutMs, { method: "POST", headers, body: "" });
  // What pages could send before there was CORS has no preflight, but the answer shows whether they may read it.
  const mayRead = await post({ "content-type": "text/plain" });
  const tried = Object.entries(headers).map(async ([name, value]) => ((await post({ [name]: value })) ? [] : [name]));
  const refused = (await Promise.all(tried)).flat();
  if (!mayRead && refused.length === Object.keys(headers).length) {
    return found("origin-refused", `the server answers, but does not let a page of ${page.origin} read that`);
  }
  const what = refused.length > 0 ? `the headers ${refused.join(", ")}` : "these headers together";
  return found("preflight-refused", `the server lets pages of ${page.origin} in, but not with ${what}`);
}

async function passes(url: string, timeoutMs: number, init: RequestInit): Promise<boolean> {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs), cache: "no-store" });
    await answer.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** Makes a call and reads its answer, of which a part is enough where it is long. */
async function asked(
  url: string,
  headers: Record<string, string>,
  timeoutMs: number,
  message: Uint8Array<ArrayBuffer> = new Uint8Array(),
): Promise<Answer> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new Error(`nothing for ${timeoutMs} ms`)), timeoutMs);
  try {
    const begun = performance.now();
    const body = new Uint8Array([0, 0, 0, 0, message.length, ...message]);
    const response = await fetch(url, { method: "POST", headers, body, signal: over.signal });
    const reader = response.body?.getReader();
    let [bytes, firstMs, text] = [0, 0, ""];
    while (reader && bytes < 32 << 20 && performance.now() - begun < timeoutMs / 2) {
      const { done, value } = await reader.read();
      if (done) break;
      if (bytes === 0) firstMs = performance.now() - begun;
      bytes += value.length;
      // The status is at the end, and a page says what it is at its beginning.
      text = (text + new TextDecoder("latin1").decode(value.subarray(-4096))).slice(-4096);
    }
    const totalMs = performance.now() - begun;
    await reader?.cancel();
    const line = (name: string) => response.headers.get(name) ?? new RegExp(`${name}:\\s*([^\\r\\n]*)`, "i").exec(text)?.[1];
    const status = line("grpc-status");
    return {
      httpStatus: response.status,
      type: response.headers.get("content-type") ?? "",
      status: status === undefined ? undefined : Number(status),
      message: line("grpc-message") ?? "",
      bytes,
      text: text.replace(/<[^>]*>|\s+/g, " ").trim().slice(0, 200),
      firstMs,
      totalMs,
    };
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

/** `RawValuesParams` of the stream `uuid` over all of time. */
function allPoints(uuid: string): Uint8Array<ArrayBuffer> {
  const message = new DataView(new ArrayBuffer(36));
  message.setUint16(0, 0x0a10);
  uuid.replaceAll("-", "").replace(/../g, (byte, at: number) => (message.setUint8(2 + at / 2, parseInt(byte, 16)), byte));
  message.setUint8(18, 0x11);
  message.setBigInt64(19, -(1n << 60n), true);
  message.setUint8(27, 0x19);
  message.setBigInt64(28, (3n << 60n) - 1n, true);
  return new Uint8Array(message.buffer);
}

/** Where an endpoint is, as `connect` understands it. */
function address(endpoint: string): URL {
  if (/^https?:/.test(endpoint)) return new URL(endpoint);
  const page = globalThis.location as Location | undefined;
  if (page && (endpoint === "" || /^[/.]/.test(endpoint))) return new URL(endpoint, page.href);
  return new URL(`${endpoint.endsWith(":4411") ? "https" : "http"}://${endpoint}`);
}

function base(url: URL): string {
  return url.href.replace(/\/+$/, "");
}
