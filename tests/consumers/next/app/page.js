"use client";

import { connect, isoString } from "btrdb-web";
import { useEffect } from "react";

import { read } from "../../app/read.js";

export default function Page() {
  useEffect(() => {
    read({ connect, isoString }, "/")
      .catch((error) => ({ failure: String(error) }))
      .then((outcome) => {
        const sizes = performance.getEntriesByType("resource").filter(({ name }) => !name.includes(".wasm"));
        document.body.dataset.largest = Math.max(...sizes.map(({ decodedBodySize }) => decodedBodySize));
        document.body.dataset.outcome = JSON.stringify(outcome);
      });
  }, []);
  return <p>A consumer</p>;
}
