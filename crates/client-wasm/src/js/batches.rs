//! What arrives bit by bit.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use btrdb_client::Error;
use futures_util::stream::{self, Stream, StreamExt, TryReadyChunksError, TryStreamExt};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::control::promise;
use super::error::{JsResult, thrown};
use super::held::Held;

type Source = Pin<Box<dyn Stream<Item = Result<JsValue, Error>>>>;

/// How many small things make a batch at most.
const BATCH: usize = 4096;

/// A read or another call of many answers. Nothing is asked for before the first `next`.
#[wasm_bindgen]
pub struct Batches {
    inner: Rc<Inner>,
    most: Option<f64>,
}

struct Inner {
    source: RefCell<Option<Held<Source>>>,
    waiting: Cell<Option<Waker>>,
}

impl Batches {
    pub(crate) fn new(source: impl Stream<Item = Result<JsValue, Error>> + 'static) -> Self {
        let source: Source = Box::pin(source);
        let inner = Inner { source: RefCell::new(Some(source.into())), waiting: Cell::new(None) };
        Self { inner: Rc::new(inner), most: None }
    }

    /// With no more than `rows` rows in all.
    pub(crate) fn of_at_most(self, rows: u64) -> Self {
        Self { most: Some(rows as f64), ..self }
    }

    /// As many of `items` at a time as are at hand, as `batch` shows them.
    pub(crate) fn of_many<I: 'static>(
        items: impl Stream<Item = Result<I, Error>> + 'static,
        batch: impl Fn(Vec<I>) -> JsValue + 'static,
    ) -> Self {
        let chunks = items.try_ready_chunks(BATCH).flat_map(|chunk| {
            let (items, error) = match chunk {
                Ok(items) => (items, None),
                Err(TryReadyChunksError(items, error)) => (items, Some(Err(error))),
            };
            stream::iter((!items.is_empty()).then_some(Ok(items)).into_iter().chain(error))
        });
        Self::new(chunks.map_ok(batch))
    }
}

impl Inner {
    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<JsResult<JsValue>> {
        let mut slot = self.source.borrow_mut();
        let Some(source) = slot.as_mut() else { return Poll::Ready(Ok(JsValue::UNDEFINED)) };
        self.waiting.set(Some(cx.waker().clone()));
        let item = ready!(source.as_mut().poll_next(cx));
        self.waiting.set(None);
        if !matches!(item, Some(Ok(_))) {
            *slot = None;
        }
        Poll::Ready(thrown(item.unwrap_or(Ok(JsValue::UNDEFINED))))
    }
}

#[wasm_bindgen]
impl Batches {
    /// How many rows there are in all batches together at most, where that is known before they come.
    #[wasm_bindgen(getter)]
    pub fn most(&self) -> Option<f64> {
        self.most
    }

    /// The next batch; `undefined` after the last, after an error and after [`Self::cancel`].
    pub fn next(&self) -> Promise {
        let inner = Rc::clone(&self.inner);
        promise(Box::pin(poll_fn(move |cx| inner.poll_next(cx))))
    }

    /// Ends the call, and what waits for its next batch.
    pub fn cancel(&self) {
        // Held while a batch is being made: what cancels then is called by that very batch, which is its last.
        if let Ok(mut slot) = self.inner.source.try_borrow_mut() {
            *slot = None;
        }
        if let Some(waiting) = self.inner.waiting.take() {
            waiting.wake();
        }
    }
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").finish_non_exhaustive()
    }
}
