// Uses the explorer in a frame of this page for ever: first goes through all data, then pans and zooms here and there. A
// debugger would do so more simply, but the browser keeps what a debugged page loads, in that page's own memory.
const explorer = document.getElementById("explorer");
const { fill, use } = await (await fetch("/drive.json")).json();
const pause = (millis) => new Promise((done) => setTimeout(done, millis));

/** Turns the wheel in the middle of the plot. */
function turn(deltaX, deltaY) {
  const [clientX, clientY] = [innerWidth / 2, innerHeight / 2];
  const target = explorer.contentDocument.elementFromPoint(clientX, clientY);
  const { WheelEvent } = explorer.contentWindow;
  target?.dispatchEvent(new WheelEvent("wheel", { deltaX, deltaY, clientX, clientY, bubbles: true, cancelable: true }));
}

explorer.src = fill[0];
await pause(3_000);
for (const address of fill) {
  explorer.contentWindow.location.href = address;
  await pause(800);
}
for (;;) {
  for (const address of use) {
    explorer.contentWindow.location.href = address;
    await pause(300);
    for (let at = 0; at < 80; at += 1) {
      turn(25, 0);
      await pause(25);
    }
    for (let at = 0; at < 6; at += 1) {
      turn(0, at < 3 ? -240 : 240);
      await pause(150);
    }
  }
}
