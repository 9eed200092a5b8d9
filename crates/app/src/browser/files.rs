//! Files that the page makes and the user keeps.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Blob, HtmlAnchorElement, HtmlCanvasElement, Url};

use super::{document, sleep, start_detached};

/// By when a browser has taken a file over, in milliseconds: some ask the user first.
const TAKEN_MILLIS: f64 = 60_000.0;

/// A canvas that is in no page; `None` where the browser makes none.
pub(crate) fn new_canvas() -> Option<HtmlCanvasElement> {
    document()?.create_element("canvas").ok()?.dyn_into().ok()
}

/// Hands the picture in `canvas` to the user as a file named `name`, and calls `done` with that name, or without where the
/// browser makes no file of it, as of one that is too large.
pub(crate) fn save_as_png(canvas: &HtmlCanvasElement, name: String, done: impl FnOnce(Result<String, ()>) + 'static) {
    let hand_over = Closure::once_into_js(move |blob: Option<Blob>| {
        let handed = blob.and_then(|blob| offer(&blob, &name));
        done(handed.map(|()| name).ok_or(()));
    });
    // It throws only where a canvas has what is not ours to read.
    canvas.to_blob(hand_over.unchecked_ref()).ok();
}

/// As a link to it that is clicked.
fn offer(blob: &Blob, name: &str) -> Option<()> {
    let url = Url::create_object_url_with_blob(blob).ok()?;
    let link: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    start_detached(async move {
        sleep(TAKEN_MILLIS).await;
        Url::revoke_object_url(&url).ok();
    });
    Some(())
}
