//! The fence around the browser: the only place that starts futures, frames and timers, and that reads the clock, the
//! address and the storage.

mod files;
mod memory;
mod work;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AddEventListenerOptions, Document, Element, Event, HtmlElement, PerformanceObserver, PerformanceObserverEntryList,
    PerformanceObserverInit, PerformanceResourceTiming, ResizeObserver, ScrollIntoViewOptions, ScrollLogicalPosition,
    Window,
};

pub(crate) use files::*;
pub(crate) use memory::*;
pub(crate) use work::*;

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

/// Whether there is more in an element than it shows at a time.
pub(crate) fn overflows(element: &Element) -> bool {
    element.scroll_height() > element.client_height()
}

/// The top edge in the window of what is left of a scrolling element between its first and its last child, which may stay in
/// place while the others scroll, and how high that is, in CSS pixels.
pub(crate) fn extent_between(element: &Element) -> Option<(f64, f64)> {
    let (top, height) = extent(element);
    let first = element.first_element_child()?.get_bounding_client_rect().bottom();
    let last = element.last_element_child()?.get_bounding_client_rect().top();
    let (from, to) = (first.max(top), last.min(top + height));
    Some((from, (to - from).max(0.0)))
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

/// Calls `act` whenever the page has come to a screen of other density, for as long as it lives.
pub(crate) fn on_density_change(act: impl Fn() + 'static) {
    let query = format!("(resolution: {}dppx)", window().map_or(1.0, |window| window.device_pixel_ratio()));
    let callback = Closure::once_into_js(move || {
        act();
        on_density_change(act);
    });
    if let Some(list) = window().and_then(|window| window.match_media(&query).ok().flatten()) {
        let options = AddEventListenerOptions::new();
        options.set_once(true);
        let listener = callback.unchecked_ref();
        list.add_event_listener_with_callback_and_add_event_listener_options("change", listener, &options).ok();
    }
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

/// Scrolls what an element lies in until it can be seen.
pub(crate) fn reveal(id: &str) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        element.scroll_into_view_with_scroll_into_view_options(&options);
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
