import { optionalText, text } from "./arguments.js";
import { BTRDBValueError, ConnectionError, CredentialsFileNotFound, ProfileNotFound } from "./errors.js";
import { builtin, nodeProcess } from "./platform.js";

/** @internal Which server, and the key to it. */
export interface Credentials {
  endpoint: string;
  apiKey?: string | undefined;
}

type Part = Partial<Credentials>;

/** A package, under a name that no bundler follows into a page, where there is no file of profiles. */
const YAML: string = "yaml";

/** A server and the key to it, under a name. */
export interface Profile {
  /** `host:port`, or a URL. */
  endpoint: string;
  /** The API key, where the server asks for one. */
  apiKey?: string;
}

/** @internal What a caller says of it. */
export interface Login {
  endpoint?: string | undefined;
  apiKey?: string | undefined;
  profile?: string | undefined;
  profiles?: Record<string, Profile> | undefined;
}

/**
 * @internal What `login` and, under Node, the environment and the user's file of profiles say together. With a profile
 * in `login`, that profile alone; otherwise, later ones winning: the profile that `BTRDB_PROFILE` names, or else
 * `default`; `BTRDB_ENDPOINTS` and `BTRDB_API_KEY`; `login`.
 */
export async function findCredentials(login: Login): Promise<Credentials> {
  const { endpoint, apiKey, profile, profiles } = login;
  if (profile !== undefined && endpoint !== undefined) {
    throw new BTRDBValueError("an endpoint and a profile: give the one or the other");
  }
  const environment = (name: string) => ifAllowed(() => nodeProcess()?.env[name]) || undefined;
  const named = profile ?? environment("BTRDB_PROFILE");
  const stored = profiles ? given(profiles, named) : await fromFile(named, profile !== undefined);
  const inEnvironment: Part =
    profile === undefined ? { endpoint: environment("BTRDB_ENDPOINTS"), apiKey: environment("BTRDB_API_KEY") } : {};
  const found: Part = {
    endpoint: endpoint ?? inEnvironment.endpoint ?? stored?.endpoint,
    apiKey: apiKey ?? inEnvironment.apiKey ?? stored?.apiKey,
  };
  if (found.endpoint !== undefined) {
    return { endpoint: text(found.endpoint, "endpoint"), apiKey: optionalText(found.apiKey, "apiKey") };
  }
  const elsewhere = nodeProcess()
    ? "set BTRDB_ENDPOINTS, or write a profile into ~/.predictivegrid/credentials.yaml"
    : "or profiles and the name of one";
  throw new ConnectionError(`no endpoint: give one, ${elsewhere}`);
}

function given(profiles: Record<string, Profile>, named: string | undefined): Part | undefined {
  const name = named ?? "default";
  if (Object.hasOwn(profiles, name)) return profiles[name];
  if (named === undefined) return undefined;
  throw new ProfileNotFound(`there is no profile ${JSON.stringify(name)} among ${Object.keys(profiles).join(", ")}`);
}

/** The profile `named`, or else the default one, which need not be there; nor need the file, unless it `isAskedFor`. */
async function fromFile(named: string | undefined, isAskedFor: boolean): Promise<Part | undefined> {
  const [files, os, path] = [builtin("node:fs/promises"), builtin("node:os"), builtin("node:path")];
  const name = named ?? "default";
  const missing = (why: string) => new CredentialsFileNotFound(`no file to read the profile "${name}" from: ${why}`);
  if (!files || !os || !path) {
    if (isAskedFor) throw missing("a browser has none; give profiles");
    return undefined;
  }
  const home = ifAllowed(() => os.homedir());
  if (home === undefined) {
    if (isAskedFor) throw missing("this program is not allowed to know the home directory");
    return undefined;
  }
  const file = path.join(home, ".predictivegrid", "credentials.yaml");
  let text: string;
  try {
    text = await files.readFile(file, "utf8");
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code !== "ENOENT" && !isDenial(cause)) throw new ConnectionError(`${file}: ${String(cause)}`);
    if (isAskedFor) throw missing(code === "ENOENT" ? `${file} does not exist` : String(cause));
    return undefined;
  }
  const section = (await parsed(file, text))[name];
  if (section === undefined && named !== undefined) throw new ProfileNotFound(`${file} has no profile "${name}"`);
  return part(section);
}

/** What `read` gives; `undefined` where Deno does not allow it. */
function ifAllowed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (failure) {
    if (isDenial(failure)) return undefined;
    throw failure;
  }
}

function isDenial(failure: unknown): boolean {
  return failure instanceof Error && failure.name === "NotCapable";
}

async function parsed(file: string, text: string): Promise<Record<string, unknown>> {
  try {
    const { parse } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ YAML)) as typeof import("yaml");
    return record(parse(text));
  } catch (cause) {
    throw new ConnectionError(`${file}: ${String(cause)}`);
  }
}

function part(section: unknown): Part | undefined {
  if (section === undefined) return undefined;
  const { endpoints, api_key: apiKey } = record(record(section)["btrdb"]);
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return { endpoint: text(endpoints), apiKey: text(apiKey) };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
