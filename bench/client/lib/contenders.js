// Who is measured: what each is called, how its columns travel, which script it is and what that is told.
import { readFileSync } from "node:fs";

const version = (name) => {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
};
const versions = (...names) => names.map(version).join(" + ");

const CONNECT = versions("@connectrpc/connect-web", "@bufbuild/protobuf");
const FLECHETTE = version("@uwdata/flechette");
const APACHE = version("apache-arrow");

/** The contenders of a run with our package, which is of version `ours` and may be able to read in a worker. */
export function contenders({ ours, hasWorker }) {
  const floor = (form) => [
    { who: "floor: fetch and discard", form, script: "floor", settings: { until: "discarded" }, isFloor: true },
    { who: "floor: frames only", form, script: "floor", settings: { until: "messages" }, isFloor: true },
  ];
  const us = (form) => {
    const own = { who: "btrdb-web", form, script: "btrdb-web", version: ours };
    const arrow = form === "arrow";
    const inWorker = { ...own, who: "btrdb-web, worker mode", settings: { options: { arrow, worker: true } } };
    return [{ ...own, settings: { options: { arrow } } }, ...(hasWorker ? [inWorker] : [])];
  };
  return [
    ...floor("messages"),
    ...us("messages"),
    { who: "columns by hand", form: "messages", script: "by-hand" },
    { who: "connect-web + protobuf-es", form: "messages", script: "connect", version: CONNECT },
    {
      who: "protobuf-ts",
      form: "messages",
      script: "protobuf-ts",
      version: versions("@protobuf-ts/grpcweb-transport", "@protobuf-ts/runtime"),
    },
    {
      who: "grpc-web + google-protobuf (messages by hand)",
      form: "messages",
      script: "google",
      version: versions("grpc-web", "google-protobuf"),
    },
    ...floor("arrow"),
    ...us("arrow"),
    { who: "flechette, frames by hand", form: "arrow", script: "flechette-frames", version: FLECHETTE },
    { who: "flechette, connect-web", form: "arrow", script: "flechette-connect", version: `${FLECHETTE} + ${CONNECT}` },
    { who: "apache-arrow, frames by hand", form: "arrow", script: "apache-arrow-frames", version: APACHE },
    {
      who: "apache-arrow, connect-web",
      form: "arrow",
      script: "apache-arrow-connect",
      version: `${APACHE} + ${CONNECT}`,
    },
  ];
}
