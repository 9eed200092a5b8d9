//! `AbortSignal` in: an aborted call is dropped, and with it its request.

use btrdb_client::{Error, ErrorKind};
use futures_util::future::{AbortHandle, Abortable, Aborted};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::error::{self, JsResult};

/// Does `work` unless `signal` is aborted before it is done, in which case it is dropped on the spot.
///
/// # Errors
/// What `work` fails with, or `Cancelled`, caused by the signal's reason.
pub(crate) async fn unless_aborted<T>(
    signal: Option<AbortSignal>,
    work: impl Future<Output = Result<T, Error>>,
) -> JsResult<T> {
    let Some(signal) = signal else { return work.await.map_err(|failure| error::to_js(&failure)) };
    if signal.aborted() {
        return Err(cancelled(&signal));
    }
    let (handle, registration) = AbortHandle::new_pair();
    let listener = Listener::new(&signal, handle);
    let outcome = Abortable::new(work, registration).await;
    drop(listener);
    match outcome {
        Ok(done) => done.map_err(|failure| error::to_js(&failure)),
        Err(Aborted) => Err(cancelled(&signal)),
    }
}

fn cancelled(signal: &AbortSignal) -> JsValue {
    error::with_cause(&Error::new(ErrorKind::Cancelled, "the call was aborted"), &signal.reason())
}

/// Listens to a signal for as long as it lives.
struct Listener<'a> {
    signal: &'a AbortSignal,
    listen: Closure<dyn FnMut()>,
}

impl<'a> Listener<'a> {
    const EVENT: &'static str = "abort";

    fn new(signal: &'a AbortSignal, handle: AbortHandle) -> Self {
        let listen = Closure::new(move || handle.abort());
        // Fails for no signal that a caller can have; if it does, the call just runs to its end.
        let _ = signal.add_event_listener_with_callback(Self::EVENT, listen.as_ref().unchecked_ref());
        Self { signal, listen }
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback(Self::EVENT, self.listen.as_ref().unchecked_ref());
    }
}
