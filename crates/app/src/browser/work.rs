//! Futures, frames and timers.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{AbortHandle, Either, abortable, select};
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::window;

/// Calls `paint` before the browser paints next.
pub(crate) fn before_next_paint(paint: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(paint);
    if let Some(window) = window() {
        window.request_animation_frame(callback.unchecked_ref()).ok();
    }
}

/// A call that is to be made later, unless this is dropped before.
pub(crate) struct Timer(Option<Timeout>);

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(timeout) = self.0.take() {
            timeout.cancel();
        }
    }
}

/// Calls `act` in `millis` milliseconds.
pub(crate) fn after(millis: f64, act: impl FnOnce() + 'static) -> Timer {
    Timer(Some(Timeout::new(whole_millis(millis), act)))
}

/// Comes back in `millis` milliseconds.
pub(crate) async fn sleep(millis: f64) {
    TimeoutFuture::new(whole_millis(millis)).await;
}

/// Comes back when the frame that is being made is done. To send a request takes the browser as long as to paint two lanes,
/// and a frame may ask for a dozen.
pub(crate) async fn after_this_frame() {
    sleep(0.0).await;
}

/// What `work` gives, or `None` when that takes longer than `millis` milliseconds. The work is dropped then.
pub(crate) async fn within<F: Future>(millis: f64, work: F) -> Option<F::Output> {
    match select(pin!(work), TimeoutFuture::new(whole_millis(millis))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}

fn whole_millis(millis: f64) -> u32 {
    millis.ceil().clamp(0.0, 2e9) as u32
}

/// Work under way. Dropping this drops the work and with it the requests it waits for.
pub(crate) struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins `work`.
#[must_use = "dropping the task ends it"]
pub(crate) fn start(work: impl Future<Output = ()> + 'static) -> Task {
    let (work, handle) = abortable(work);
    wasm_bindgen_futures::spawn_local(async move {
        // Cut short or not, there is nothing left to do.
        work.await.ok();
    });
    Task(handle)
}

/// Begins work that nobody ends before its time.
pub(crate) fn start_detached(work: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(work);
}

/// Lets one frame be asked for at a time, however many things change.
#[derive(Clone, Default)]
pub(crate) struct FrameGate {
    pending: Rc<Cell<bool>>,
    timer: Rc<RefCell<Option<Timer>>>,
}

impl FrameGate {
    /// Calls `paint` before the browser paints next, unless that has been asked for already.
    pub(crate) fn request(&self, paint: impl FnOnce() + 'static) {
        if self.pending.replace(true) {
            return;
        }
        let pending = Rc::clone(&self.pending);
        before_next_paint(move || {
            pending.set(false);
            paint();
        });
    }

    /// Calls `act` in `millis` milliseconds, in place of what had been asked for before.
    pub(crate) fn wake(&self, millis: f64, act: impl FnOnce() + 'static) {
        *self.timer.borrow_mut() = Some(after(millis, act));
    }
}
