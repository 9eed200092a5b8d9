/** The server to ask: that of the page, unless the address says `?server=…`. */
export const SERVER = new URLSearchParams(location.search).get("server") ?? "/";
