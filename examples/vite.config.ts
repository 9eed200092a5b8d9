import { defineConfig } from "vite";

/** The server that `npm run dev` passes calls on to, so that pages and calls have one origin and nobody needs CORS. */
const SERVER = process.env["BTRDB_ENDPOINTS"] ?? "http://127.0.0.1:4410";

export default defineConfig({
  // Relative addresses, so that the pages work under any path.
  base: "./",
  build: {
    target: "es2022",
    rolldownOptions: { input: ["dashboard/index.html", "quality/index.html", "posted/index.html"] },
    // Plotly, even its smallest bundle, is about a megabyte.
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: "es" },
  // Left as it is in development: bundled in advance, another build of it would not count before the next version.
  optimizeDeps: { exclude: ["btrdb-web"] },
  server: { proxy: { "/v5api.BTrDB": SERVER } },
});
