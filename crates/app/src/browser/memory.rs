//! What outlasts the page or leaves it: the address, the history, the storage, the clipboard.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Clipboard, Storage};

use super::window;

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

/// The clipboard, which pages have that came by a safe way, if it knows `method`: Firefox before 125 writes to it only.
fn clipboard(method: &str) -> Option<Clipboard> {
    let navigator = window()?.navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).ok().filter(JsValue::is_object)?;
    let known = js_sys::Reflect::get(&clipboard, &method.into()).is_ok_and(|method| method.is_function());
    known.then(|| clipboard.unchecked_into())
}

/// Puts `text` into the clipboard.
///
/// # Errors
/// Where the browser does not let us.
pub(crate) async fn copy(text: &str) -> Result<(), ()> {
    let done = clipboard("writeText").ok_or(())?.write_text(text);
    JsFuture::from(done).await.map(drop).map_err(drop)
}

/// The text in the clipboard.
///
/// # Errors
/// Where the browser does not let us.
pub(crate) async fn pasted() -> Result<String, ()> {
    let text = clipboard("readText").ok_or(())?.read_text();
    JsFuture::from(text).await.ok().and_then(|text| text.as_string()).ok_or(())
}
