// The same from CommonJS.
async function main() {
  const [client, { read }] = await Promise.all([import("btrdb-web"), import("./read.js")]);
  console.log(JSON.stringify(await read(client, process.argv[2])));
}

main();
