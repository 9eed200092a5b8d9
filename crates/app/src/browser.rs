//! The fence around the browser: the only place that starts futures, frames and timers, and that reads the clock, the
//! address and the storage.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{AbortHandle, Either, abortable, select};
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Clipboard, Document, Element, Event, HtmlElement, PerformanceObserver, PerformanceObserverEntryList,
    PerformanceObserverInit, PerformanceResourceTiming, ResizeObserver, Storage, Window,
};

/// The window of the page.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// The document of the page.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// Milliseconds since the page was opened; never goes back.
pub(crate) fn now() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// A text for this instant that no other page has for another.
pub(crate) fn instant() -> String {
    format!("{}-{}", js_sys::Date::now(), now())
}

/// The time of day on the user's clock, `14:02:11`.
pub(crate) fn wall_clock() -> String {
    let date = js_sys::Date::new_0();
    format!("{:02}:{:02}:{:02}", date.get_hours(), date.get_minutes(), date.get_seconds())
}

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

/// Listens to an event of the window for as long as the page lives.
pub(crate) fn on_window<E: JsCast + 'static>(event: &str, mut act: impl FnMut(E) + 'static) {
    let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| act(event.unchecked_into()));
    if let Some(window) = window() {
        window.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref()).ok();
    }
    listener.forget();
}

/// Calls `act` now and whenever the element has got another size, for as long as the page lives.
pub(crate) fn on_resize(element: &Element, act: impl FnMut() + 'static) {
    let callback = Closure::<dyn FnMut()>::new(act);
    if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
        observer.observe(element);
    }
    callback.forget();
}

/// The top edge of an element in the window, and how high it is inside, in CSS pixels.
pub(crate) fn extent(element: &Element) -> (f64, f64) {
    (element.get_bounding_client_rect().top(), f64::from(element.client_height()))
}

/// Whether a media query holds, such as `(prefers-color-scheme: dark)`.
pub(crate) fn media(query: &str) -> bool {
    window().and_then(|window| window.match_media(query).ok().flatten()).is_some_and(|list| list.matches())
}

/// Whether nothing on the page should move by itself.
pub(crate) fn wants_stillness() -> bool {
    media("(prefers-reduced-motion: reduce)")
}

/// Calls `act` whenever the answer to a media query changes.
pub(crate) fn on_media_change(query: &str, act: impl FnMut() + 'static) {
    let callback = Closure::<dyn FnMut()>::new(act);
    if let Some(list) = window().and_then(|window| window.match_media(query).ok().flatten()) {
        list.add_event_listener_with_callback("change", callback.as_ref().unchecked_ref()).ok();
    }
    callback.forget();
}

/// How many device pixels a CSS pixel is wide.
pub(crate) fn pixel_ratio() -> f64 {
    window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(0.5, 4.0)
}

/// Whether the page is in the foreground.
pub(crate) fn is_visible() -> bool {
    document().is_some_and(|document| !document.hidden())
}

/// Whether data are to be saved: the user has said so, or the line is slower than what one looks at needs.
pub(crate) fn is_frugal() -> bool {
    let get = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let line = window().map_or(JsValue::UNDEFINED, |window| get(&get(&window, "navigator"), "connection"));
    !line.is_undefined()
        && (get(&line, "saveData").is_truthy()
            || get(&line, "effectiveType").as_string().is_some_and(|kind| kind.ends_with("2g")))
}

/// An answer of a server as the browser saw it.
pub(crate) struct Arrival {
    /// The address that was asked.
    pub(crate) url: String,
    /// What it took on the wire in bytes; 0 where another server does not let us know.
    pub(crate) bytes: u64,
    /// `h2`, `http/1.1`; empty where another server does not let us know.
    pub(crate) protocol: String,
}

/// Calls `act` with everything that the page has loaded and will load, for as long as it lives.
pub(crate) fn on_arrival(mut act: impl FnMut(Arrival) + 'static) {
    let callback =
        Closure::<dyn FnMut(PerformanceObserverEntryList)>::new(move |list: PerformanceObserverEntryList| {
            for entry in list.get_entries() {
                let Ok(entry) = entry.dyn_into::<PerformanceResourceTiming>() else { continue };
                act(Arrival {
                    url: entry.name(),
                    bytes: entry.transfer_size() as u64,
                    protocol: entry.next_hop_protocol(),
                });
            }
        });
    if let Ok(observer) = PerformanceObserver::new(callback.as_ref().unchecked_ref()) {
        let kinds = js_sys::Array::of1(&"resource".into());
        observer.observe(&PerformanceObserverInit::new(&kinds));
    }
    callback.forget();
}

/// The part of the address behind `#`.
pub(crate) fn fragment() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// Puts `fragment` behind the `#` of the address and keeps `state` with it: in the entry of the history that is shown, or
/// in a new one. Returns whether that was done: a browser refuses, mostly in silence, when it happens too often.
pub(crate) fn set_fragment(fragment: &str, state: &str, is_new: bool) -> bool {
    let Some(history) = window().and_then(|window| window.history().ok()) else { return false };
    let (value, url) = (JsValue::from_str(state), format!("#{fragment}"));
    let outcome = if is_new {
        history.push_state_with_url(&value, "", Some(&url))
    } else {
        history.replace_state_with_url(&value, "", Some(&url))
    };
    outcome.is_ok() && history_state().as_deref() == Some(state)
}

/// What is kept with the entry of the history that is shown.
pub(crate) fn history_state() -> Option<String> {
    window()?.history().ok()?.state().ok()?.as_string()
}

/// Goes back in the history, or on.
pub(crate) fn go_in_history(by: i32) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        history.go_with_delta(by).ok();
    }
}

/// Which of the two stores of the browser.
#[derive(Clone, Copy)]
pub(crate) enum Store {
    /// Until the tab is closed.
    Session,
    /// For good.
    Local,
}

impl Store {
    fn open(self) -> Option<Storage> {
        let window = window()?;
        match self {
            Self::Session => window.session_storage(),
            Self::Local => window.local_storage(),
        }
        .ok()?
    }

    /// What is stored under `key`.
    pub(crate) fn get(self, key: &str) -> Option<String> {
        self.open()?.get_item(key).ok()?
    }

    /// Stores `value` under `key`, or removes it.
    pub(crate) fn set(self, key: &str, value: Option<&str>) {
        let Some(store) = self.open() else { return };
        match value {
            Some(value) => store.set_item(key, value).ok(),
            None => store.remove_item(key).ok(),
        };
    }
}

/// The clipboard, which pages have that came by a safe way.
fn clipboard() -> Option<Clipboard> {
    let navigator = window()?.navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).ok()?;
    clipboard.is_object().then(|| clipboard.unchecked_into())
}

/// Puts `text` into the clipboard.
///
/// # Errors
/// Where the browser does not let us.
pub(crate) async fn copy(text: &str) -> Result<(), ()> {
    let done = clipboard().ok_or(())?.write_text(text);
    JsFuture::from(done).await.map(drop).map_err(drop)
}

/// The text in the clipboard.
///
/// # Errors
/// Where the browser does not let us.
pub(crate) async fn pasted() -> Result<String, ()> {
    let text = clipboard().ok_or(())?.read_text();
    JsFuture::from(text).await.ok().and_then(|text| text.as_string()).ok_or(())
}

/// Sets an attribute of the `<html>` element.
pub(crate) fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        root.set_attribute(name, value).ok();
    }
}

/// Sets the title of the tab.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Moves the keyboard focus to an element.
pub(crate) fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.focus().ok();
    }
}

/// The element that an event is about.
pub(crate) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Takes an element out of the page.
pub(crate) fn remove_element(id: &str) {
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        element.remove();
    }
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
