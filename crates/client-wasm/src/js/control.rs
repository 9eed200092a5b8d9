//! How a call is made: how long it may take, how often it is made again, and what ends it early.

use std::pin::Pin;
use std::time::Duration;

use btrdb_client::{CallOptions, Error, Retry};
use futures_util::future::{AbortHandle, Abortable};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::arguments::text;
use super::error::{JsResult, invalid, thrown};

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
    pub(crate) fn calls(&self) -> Result<CallOptions, Error> {
        let limit = |limit: Option<f64>, name| limit.map(|limit| millis(limit, name)).transpose();
        Ok(CallOptions {
            timeout: limit(self.timeout_ms(), "timeoutMs")?,
            retry: self.retry().as_ref().map(again).transpose()?,
            resume: self.resume().as_ref().map(again).transpose()?,
            stall: limit(self.stall_ms(), "stallMs")?,
        })
    }

    /// Does what `start` gives unless the signal is aborted before it is done, in which case it is dropped on the spot. The
    /// promise is rejected with the error of either, or with `undefined` after an abort: whoever aborted knows why.
    pub(crate) fn run<W>(&self, start: impl FnOnce(CallOptions) -> Result<W, Error>) -> Promise
    where
        W: Future<Output = Result<JsValue, Error>> + 'static,
    {
        // Made one type of, or all that follows would be in the module once for each call that there is.
        run(self.signal(), self.calls().and_then(start).map(|work| Box::pin(work) as Work))
    }
}

type Work = Pin<Box<dyn Future<Output = Result<JsValue, Error>>>>;

fn run(signal: Option<AbortSignal>, work: Result<Work, Error>) -> Promise {
    promise(Box::pin(async move {
        let outcome = unless_aborted(signal, thrown(work)?).await;
        thrown(outcome.ok_or(JsValue::UNDEFINED)?)
    }))
}

/// The promise of what `work` gives.
pub(crate) fn promise(work: Pin<Box<dyn Future<Output = JsResult<JsValue>>>>) -> Promise {
    future_to_promise(work)
}

async fn unless_aborted(signal: Option<AbortSignal>, work: Work) -> Option<Result<JsValue, Error>> {
    let Some(signal) = signal else { return Some(work.await) };
    if signal.aborted() {
        return None;
    }
    let (handle, registration) = AbortHandle::new_pair();
    let _listener = Listener::new(&signal, handle);
    Abortable::new(work, registration).await.ok()
}

fn again(again: &Again) -> Result<Retry, Error> {
    let (retries, retry_backoff) = (again.retries() as u32, again.backoff());
    Ok(Retry { retries, retry_delay: millis(again.delay_ms(), "delayMs")?, retry_backoff })
}

/// The duration that callers give in milliseconds as `name`.
pub(crate) fn millis(millis: f64, name: &str) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(millis / 1e3)
        .map_err(|why| invalid(format!("{name} of {} milliseconds: {why}", text(millis))))
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
