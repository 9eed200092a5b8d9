//! How a call is made: how long it may take, how often it is made again, and what ends it early.

use std::pin::{Pin, pin};
use std::time::Duration;

use btrdb_client::{CallOptions, Error, ErrorKind, Retry};
use futures_util::future::{AbortHandle, Abortable};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::error::{JsResult, to_js};

#[wasm_bindgen]
extern "C" {
    /// `{ signal?, timeoutMs?, stallMs?, retry?, resume? }`, the last two `{ retries, delayMs, backoff }`.
    #[derive(Debug)]
    pub type Control;

    #[wasm_bindgen(method, getter, structural)]
    fn signal(this: &Control) -> Option<AbortSignal>;

    #[wasm_bindgen(method, getter, structural, js_name = timeoutMs)]
    fn timeout_ms(this: &Control) -> Option<f64>;

    #[wasm_bindgen(method, getter, structural, js_name = stallMs)]
    fn stall_ms(this: &Control) -> Option<f64>;

    #[wasm_bindgen(method, getter, structural)]
    fn retry(this: &Control) -> Option<Again>;

    #[wasm_bindgen(method, getter, structural)]
    fn resume(this: &Control) -> Option<Again>;

    /// `{ retries, delayMs, backoff }`.
    #[derive(Debug)]
    pub type Again;

    #[wasm_bindgen(method, getter, structural)]
    fn retries(this: &Again) -> f64;

    #[wasm_bindgen(method, getter, structural, js_name = delayMs)]
    fn delay_ms(this: &Again) -> f64;

    #[wasm_bindgen(method, getter, structural)]
    fn backoff(this: &Again) -> f64;
}

impl Control {
    /// What holds for each call to the server.
    ///
    /// # Errors
    /// `InvalidValue` for a time that is none.
    pub(crate) fn calls(&self) -> JsResult<CallOptions> {
        let millis = |millis: f64, name: &str| {
            Duration::try_from_secs_f64(millis / 1e3).map_err(|why| {
                to_js(&Error::new(ErrorKind::InvalidValue, format!("{name} of {millis} milliseconds: {why}")))
            })
        };
        let again = |again: Option<Again>| {
            let retry = |again: Again| -> JsResult<Retry> {
                let (retries, retry_backoff) = (again.retries() as u32, again.backoff());
                Ok(Retry { retries, retry_delay: millis(again.delay_ms(), "delayMs")?, retry_backoff })
            };
            again.map(retry).transpose()
        };
        Ok(CallOptions {
            timeout: self.timeout_ms().map(|limit| millis(limit, "timeoutMs")).transpose()?,
            retry: again(self.retry())?,
            resume: again(self.resume())?,
            stall: self.stall_ms().map(|limit| millis(limit, "stallMs")).transpose()?,
        })
    }

    /// Does `work` unless the signal is aborted before it is done, in which case it is dropped on the spot.
    ///
    /// # Errors
    /// What `work` fails with, or `undefined` after an abort: whoever aborted knows why.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = Result<T, Error>>) -> JsResult<T> {
        let mut outcome = None;
        // Made one type of, or all that follows would be in the module once for each call that there is.
        self.unless_aborted(pin!(async { outcome = Some(work.await) })).await;
        outcome.ok_or(JsValue::UNDEFINED)?.map_err(|failure| to_js(&failure))
    }

    async fn unless_aborted(&self, work: Pin<&mut dyn Future<Output = ()>>) {
        let Some(signal) = self.signal() else { return work.await };
        if signal.aborted() {
            return;
        }
        let (handle, registration) = AbortHandle::new_pair();
        let listener = Listener::new(&signal, handle);
        // The abort shows in that there is no outcome.
        let _ = Abortable::new(work, registration).await;
        drop(listener);
    }
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
